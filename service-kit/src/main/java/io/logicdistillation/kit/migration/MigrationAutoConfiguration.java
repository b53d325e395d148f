package io.logicdistillation.kit.migration;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.flyway.autoconfigure.FlywayMigrationStrategy;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Leaves the migrations to whom the settings name. */
@AutoConfiguration
@EnableConfigurationProperties(MigrationProperties.class)
public class MigrationAutoConfiguration {
    /** For services whose Flyway Spring configures; the gateway has its own. */
    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass(FlywayMigrationStrategy.class)
    static class BySpring {
        @Bean
        FlywayMigrationStrategy migrations(MigrationProperties properties) {
            return properties.mode()::prepare;
        }
    }
}
