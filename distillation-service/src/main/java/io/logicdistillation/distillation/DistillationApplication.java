package io.logicdistillation.distillation;

import io.logicdistillation.kit.migration.DatabaseMigration;
import io.logicdistillation.kit.migration.ServiceProgram;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.context.properties.ConfigurationPropertiesScan;
import org.springframework.boot.security.autoconfigure.UserDetailsServiceAutoConfiguration;
import org.springframework.scheduling.annotation.EnableScheduling;

/** Starts the distillation service. */
@ConfigurationPropertiesScan
@EnableScheduling
@SpringBootApplication(exclude = UserDetailsServiceAutoConfiguration.class)
class DistillationApplication {
    static void main(String[] arguments) {
        ServiceProgram.run(DistillationApplication.class, DatabaseMigration.class, arguments);
    }
}
