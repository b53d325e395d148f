package io.logicdistillation.inference.decisions;

import io.logicdistillation.inference.canaries.Canaries;
import io.logicdistillation.inference.decisionlog.DecisionLog;
import io.logicdistillation.inference.decisionlog.Discretion;
import io.logicdistillation.inference.decisionlog.ServedTasks;
import io.logicdistillation.inference.escalations.Escalations;
import io.logicdistillation.inference.feedback.FeedbackDesk;
import io.logicdistillation.inference.functionbase.CandidateSearch;
import io.logicdistillation.inference.functionbase.Snapshots;
import io.logicdistillation.inference.policies.Policies;
import io.logicdistillation.inference.policies.Thresholds;
import io.logicdistillation.inference.sandbox.FunctionRunner;
import io.logicdistillation.inference.students.Students;
import io.logicdistillation.kit.AccessRules;
import io.logicdistillation.kit.Scope;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.tracing.Tracer;
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
            Decisions.Deciders deciders,
            StageDecider stages,
            Ledger ledger,
            Decisions.Instruments instruments) {
        return new Decisions(snapshots, deciders, stages, ledger, instruments);
    }

    @Bean
    Decisions.Deciders deciders(Students students, Canaries canaries) {
        return new Decisions.Deciders(students, canaries);
    }

    @Bean
    Ledger ledger(DecisionLog log, FeedbackDesk feedback, ServedTasks served) {
        return new Ledger(log, feedback, served);
    }

    @Bean
    Doubts doubts(
            Policies policies,
            Thresholds thresholds,
            Escalations escalations,
            Discretion discretion,
            MeterRegistry meters) {
        return new Doubts(policies, thresholds, escalations, discretion, meters);
    }

    @Bean
    StageDecider stageDecider(CandidateSearch search, FunctionRunner runner, Doubts doubts, MeterRegistry meters) {
        return new StageDecider(search, runner, doubts, meters);
    }

    @Bean
    Batches batches(
            Decisions decisions,
            Snapshots snapshots,
            RequestHashes hashes,
            DecisionProperties properties,
            MeterRegistry meters) {
        return new Batches(decisions, snapshots, hashes, properties, meters);
    }

    @Bean
    Decisions.Instruments instruments(Clock clock, MeterRegistry meters, Tracer tracer) {
        return new Decisions.Instruments(clock, meters, tracer);
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
                .hasAuthority(Scope.DECIDE.authority())
                .requestMatchers("/v1/tasks/*/decision-policy", "/v1/tasks/*/generation-wishes/**")
                .hasAuthority(Scope.AUTHOR.authority());
    }
}
