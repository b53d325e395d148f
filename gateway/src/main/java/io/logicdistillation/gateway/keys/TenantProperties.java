package io.logicdistillation.gateway.keys;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * @param settle after which nothing is under way any more that a tenant's keys have opened before it was deleted: longer than an internal
 *     token lives
 */
@ConfigurationProperties("platform.tenants")
record TenantProperties(@DefaultValue("75s") Duration settle) {}
