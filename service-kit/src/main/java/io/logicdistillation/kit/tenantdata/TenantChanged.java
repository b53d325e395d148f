package io.logicdistillation.kit.tenantdata;

/** An event within one process: a tenant's data was erased or came in, so what is remembered of it does not hold any more. */
public record TenantChanged(String tenant) {}
