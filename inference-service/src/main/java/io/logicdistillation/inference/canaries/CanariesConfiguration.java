package io.logicdistillation.inference.canaries;

import io.logicdistillation.inference.decisionlog.DecisionLog;
import io.logicdistillation.inference.decisionlog.TenantTransactions;
import io.logicdistillation.inference.students.Students;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

@EnableConfigurationProperties(CanaryProperties.class)
@Configuration(proxyBeanMethods = false)
class CanariesConfiguration {
    @Bean
    Counts canaryCounts(TenantTransactions transactions, Clock clock, MeterRegistry meters) {
        return new Counts(transactions, clock, meters);
    }

    @Bean
    Canaries canaries(Students students, DecisionLog log, Counts counts) {
        return new Canaries(students, log, counts);
    }

    @Bean
    Reports canaryReports(Counts counts, Students students, CanaryProperties properties) {
        return new Reports(counts, students, properties);
    }
}
