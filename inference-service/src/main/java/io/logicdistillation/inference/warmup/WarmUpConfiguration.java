package io.logicdistillation.inference.warmup;

import io.logicdistillation.inference.decisionlog.DecisionLog;
import io.logicdistillation.inference.decisionlog.ServedTasks;
import io.logicdistillation.inference.decisions.Reconsiderations;
import io.logicdistillation.inference.functionbase.Snapshots;
import io.logicdistillation.inference.students.Students;
import io.logicdistillation.inference.students.StudentsProperties;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

@EnableConfigurationProperties(WarmUpProperties.class)
@Configuration(proxyBeanMethods = false)
class WarmUpConfiguration {
    @Bean
    Rehearsal rehearsal(DecisionLog decisions, Reconsiderations reconsiderations, WarmUpProperties properties) {
        return new Rehearsal(decisions, reconsiderations, properties);
    }

    @Bean
    WarmUp warmUp(
            ServedTasks served,
            Snapshots snapshots,
            Students students,
            Rehearsal rehearsal,
            WarmUpProperties properties,
            StudentsProperties inMemory) {
        return new WarmUp(served, snapshots, students, rehearsal, properties, inMemory);
    }
}
