package io.logicdistillation.gateway.keys;

import io.logicdistillation.kit.migration.MigrationProperties;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Import;

/** The database of keys by the gateway's settings, if there is one, and nothing else of the gateway: what its jar migrates by. */
@Import(KeyDatabase.class)
@EnableConfigurationProperties({DatabaseProperties.class, MigrationProperties.class})
public final class KeyMigration {}
