package io.logicdistillation.distillation;

import org.springframework.boot.SpringApplication;
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
        SpringApplication.run(DistillationApplication.class, arguments);
    }
}
