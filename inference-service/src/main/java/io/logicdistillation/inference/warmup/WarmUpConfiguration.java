package io.logicdistillation.inference.warmup;

import io.logicdistillation.inference.decisionlog.TenantTransactions;
import io.logicdistillation.inference.functionbase.Snapshots;
import io.logicdistillation.inference.students.Students;
import io.logicdistillation.inference.students.StudentsProperties;
import java.time.Clock;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

@EnableConfigurationProperties(WarmUpProperties.class)
@Configuration(proxyBeanMethods = false)
class WarmUpConfiguration {
    @Bean
    ServedTasks servedTasks(TenantTransactions transactions, Clock clock) {
        return new ServedTasks(transactions, clock);
    }

    @Bean
    WarmUp warmUp(
            ServedTasks served,
            Snapshots snapshots,
            Students students,
            WarmUpProperties properties,
            StudentsProperties inMemory) {
        return new WarmUp(served, snapshots, students, properties, inMemory);
    }
}
