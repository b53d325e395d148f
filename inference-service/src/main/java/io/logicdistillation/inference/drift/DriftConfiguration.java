package io.logicdistillation.inference.drift;

import io.logicdistillation.inference.decisionlog.DecisionLog;
import io.logicdistillation.inference.decisionlog.TenantTransactions;
import io.logicdistillation.inference.decisions.Reconsiderations;
import io.logicdistillation.inference.functionbase.Snapshots;
import io.logicdistillation.inference.students.Students;
import io.logicdistillation.kit.AccessRules;
import io.logicdistillation.kit.Scope;
import java.time.Clock;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.HttpMethod;

@Configuration(proxyBeanMethods = false)
class DriftConfiguration {
    @Bean
    DriftReports driftReports(TenantTransactions transactions, Clock clock) {
        return new DriftReports(transactions, clock);
    }

    @Bean
    DriftWorker.Sources driftSources(Snapshots snapshots, Students students, Reconsiderations reconsiderations) {
        return new DriftWorker.Sources(snapshots, students, reconsiderations);
    }

    @Bean
    DriftWorker driftWorker(DriftReports reports, DecisionLog log, DriftWorker.Sources sources) {
        return new DriftWorker(reports, log, sources);
    }

    @Bean
    AccessRules driftAccess() {
        return requests -> requests.requestMatchers(HttpMethod.DELETE, "/v1/tasks/*/drift-reports/*")
                .hasAuthority(Scope.DECIDE.authority());
    }
}
