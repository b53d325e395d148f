package io.logicdistillation.gateway;

import io.logicdistillation.gateway.keys.KeyMigration;
import io.logicdistillation.kit.migration.ServiceProgram;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.context.properties.ConfigurationPropertiesScan;
import org.springframework.boot.security.autoconfigure.UserDetailsServiceAutoConfiguration;
import org.springframework.scheduling.annotation.EnableScheduling;

/** Starts the gateway. */
@EnableScheduling
@ConfigurationPropertiesScan
@SpringBootApplication(exclude = UserDetailsServiceAutoConfiguration.class)
class GatewayApplication {
    static void main(String[] arguments) {
        ServiceProgram.run(GatewayApplication.class, KeyMigration.class, arguments);
    }
}
