package io.logicdistillation.inference.escalations;

import io.logicdistillation.inference.decisionlog.TenantTransactions;
import io.logicdistillation.languagemodel.CallBounds;
import io.micrometer.core.instrument.MeterRegistry;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.Objects;
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
        URI url = Objects.requireNonNull(properties.url());
        return new Teacher(url, properties);
    }

    @Bean
    CallBounds escalationBounds(EscalationProperties properties) {
        return new CallBounds(
                "teacher",
                new CallBounds.Settings(
                        properties.concurrent(),
                        properties.attempts(),
                        properties.pause(),
                        Integer.MAX_VALUE,
                        Duration.ZERO,
                        // The decision's deadline is the only limit.
                        Duration.ofDays(1),
                        true));
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
