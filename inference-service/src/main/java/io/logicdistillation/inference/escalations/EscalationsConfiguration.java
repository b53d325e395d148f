package io.logicdistillation.inference.escalations;

import io.logicdistillation.inference.decisionlog.TenantTransactions;
import io.logicdistillation.languagemodel.CallBounds;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.condition.ConditionalOnExpression;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(EscalationProperties.class)
class EscalationsConfiguration {
    @Bean
    Escalations escalations(
            ObjectProvider<Teacher> teacher,
            EscalationProperties properties,
            CallBounds bounds,
            Escalations.Books books,
            MeterRegistry meters) {
        return new Escalations(teacher.getIfAvailable(), properties, bounds, books, meters);
    }

    @Bean
    @ConditionalOnExpression("!'${inference.escalation.url:}'.isBlank()")
    Teacher teacher(EscalationProperties properties) {
        return new Teacher(properties);
    }

    @Bean
    CallBounds escalationBounds(EscalationProperties properties) {
        return new CallBounds("teacher", properties.bounds());
    }

    @Bean
    Wishes wishes(TenantTransactions transactions, Clock clock) {
        return new Wishes(transactions, clock);
    }

    @Bean
    Escalations.Books escalationBooks(TenantTransactions transactions, Wishes wishes, Clock clock) {
        return new Escalations.Books(new Spending(transactions, clock), wishes);
    }
}
