package io.logicdistillation.inference.feedback;

import io.logicdistillation.inference.decisionlog.DecisionLog;
import io.logicdistillation.inference.decisionlog.TenantTransactions;
import io.logicdistillation.inference.functionbase.Snapshots;
import io.logicdistillation.inference.sandbox.FunctionRunner;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

@Configuration(proxyBeanMethods = false)
class FeedbackConfiguration {
    @Bean
    FeedbackStore feedbackStore(TenantTransactions transactions, Clock clock) {
        return new FeedbackStore(transactions, clock);
    }

    @Bean
    FeedbackDesk feedbackDesk(
            DecisionLog log, Snapshots snapshots, FunctionRunner runner, FeedbackStore store, MeterRegistry meters) {
        return new FeedbackDesk(log, snapshots, runner, store, meters);
    }
}
