package io.logicdistillation.kit.migration;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * @param mode who brings the service's database to its version: the service itself {@code at-start}, or the same jar with the argument
 *     {@code migrate} before it ({@code awaited}: the service changes no table, and waits for that)
 */
@ConfigurationProperties("platform.migrations")
public record MigrationProperties(@DefaultValue("at-start") Migrations mode) {}
