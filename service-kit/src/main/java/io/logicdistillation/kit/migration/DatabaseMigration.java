package io.logicdistillation.kit.migration;

import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.autoconfigure.ssl.SslAutoConfiguration;
import org.springframework.boot.flyway.autoconfigure.FlywayAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;

/** Spring's own data source and Flyway by the settings of a service, and nothing else of it: what {@link ServiceProgram} migrates by. */
@ImportAutoConfiguration({SslAutoConfiguration.class, DataSourceAutoConfiguration.class, FlywayAutoConfiguration.class})
public final class DatabaseMigration {}
