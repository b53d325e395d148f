package io.logicdistillation.inference.decisions;

import io.logicdistillation.inference.decisionlog.DecisionLog;
import io.logicdistillation.inference.functionbase.CandidateSearch;
import io.logicdistillation.inference.functionbase.Snapshots;
import io.logicdistillation.inference.sandbox.FunctionRunner;
import io.logicdistillation.inference.students.Students;
import io.logicdistillation.kit.AccessRules;
import io.logicdistillation.kit.Scope;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.HttpMethod;

@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(DecisionProperties.class)
class DecisionsConfiguration {
    @Bean
    Decisions decisions(
            Snapshots snapshots,
            Students students,
            StageDecider stages,
            DecisionLog log,
            Decisions.Instruments instruments) {
        return new Decisions(snapshots, students, stages, log, instruments);
    }

    @Bean
    StageDecider stageDecider(CandidateSearch search, FunctionRunner runner) {
        return new StageDecider(search, runner);
    }

    @Bean
    Decisions.Instruments instruments(Clock clock, MeterRegistry meters) {
        return new Decisions.Instruments(clock, meters);
    }

    @Bean
    RequestHashes requestHashes() {
        return new RequestHashes();
    }

    @Bean
    AccessRules decisionAccess() {
        return requests -> requests.requestMatchers(HttpMethod.GET, "/actuator/prometheus")
                .permitAll()
                .requestMatchers(HttpMethod.GET, "/v1/**")
                .hasAnyAuthority(Scope.VIEW.authority(), Scope.DECIDE.authority())
                .requestMatchers(HttpMethod.POST, "/v1/**")
                .hasAuthority(Scope.DECIDE.authority());
    }
}
