package io.logicdistillation.gateway.door;

import java.time.Duration;
import java.util.List;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How often one may ask and guess, each replica counting for itself, and which other origins' pages may ask at all.
 *
 * @param keyRate requests a second of one key, and as many at once
 * @param tenantRate requests a second of all keys of a tenant, and as many at once
 * @param tenantAtOnce requests of a tenant that may be under way at the same time, streams included
 * @param failedKeys wrong keys that may come from one address within the window before it is turned away
 * @param failedKeysWindow after which an address may try again
 * @param trustedProxies addresses or ranges (CIDR) whose X-Forwarded-For is believed; nobody's by default
 * @param corsOrigins of pages elsewhere that may call the API from a browser, for example https://shop.example; none by default
 */
@ConfigurationProperties("platform.door")
record DoorProperties(
        @DefaultValue("2000") int keyRate,
        @DefaultValue("5000") int tenantRate,
        @DefaultValue("256") int tenantAtOnce,
        @DefaultValue("20") int failedKeys,
        @DefaultValue("60s") Duration failedKeysWindow,
        @DefaultValue List<String> trustedProxies,
        @DefaultValue List<String> corsOrigins) {
    DoorProperties {
        if (keyRate < 1 || tenantRate < 1 || tenantAtOnce < 1 || failedKeys < 1 || !failedKeysWindow.isPositive()) {
            throw new IllegalArgumentException("The rates of platform.door must be positive");
        }
        trustedProxies = List.copyOf(trustedProxies);
        corsOrigins = List.copyOf(corsOrigins);
        if (corsOrigins.contains("*")) {
            throw new IllegalArgumentException("platform.door.cors-origins names origins; it can not be *");
        }
    }
}
