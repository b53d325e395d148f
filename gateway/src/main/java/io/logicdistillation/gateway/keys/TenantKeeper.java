package io.logicdistillation.gateway.keys;

import io.logicdistillation.kit.tenantdata.TenantData;

/** Somebody who keeps data of tenants: a service, or this gateway itself. Implementations are thread-safe. */
interface TenantKeeper {
    /** As it is called in reports. */
    String name();

    TenantData.Counts count(String tenant);

    /** As much as can be done while a caller waits. */
    TenantData.Erased erase(String tenant);
}
