package io.logicdistillation.inference.policies;

import io.logicdistillation.inference.decisionlog.TenantTransactions;
import java.time.Clock;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

@Configuration(proxyBeanMethods = false)
class PoliciesConfiguration {
    @Bean
    Policies policies(TenantTransactions transactions, Clock clock) {
        return new Policies(transactions, clock);
    }

    @Bean
    Thresholds thresholds() {
        return new Thresholds();
    }
}
