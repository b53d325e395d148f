package io.logicdistillation.functionbase.generation;

import io.logicdistillation.functionbase.background.LeaseRunner;
import io.logicdistillation.functionbase.function.Admission;
import io.logicdistillation.functionbase.function.FunctionStore;
import io.logicdistillation.functionbase.function.Verification;
import io.logicdistillation.functionbase.review.ReviewStore;
import io.logicdistillation.functionbase.sandbox.Sandbox;
import io.logicdistillation.functionbase.sandbox.StaticCheck;
import io.logicdistillation.functionbase.task.TaskStore;
import io.logicdistillation.functionbase.tenant.TenantTransactions;
import io.logicdistillation.languagemodel.CallBounds;
import io.logicdistillation.languagemodel.LanguageModel;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import org.springframework.boot.autoconfigure.condition.ConditionalOnExpression;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.scheduling.annotation.Scheduled;

@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(GenerationProperties.class)
class GenerationConfiguration {
    /** Only where there is an L-LLM to ask. */
    @Configuration(proxyBeanMethods = false)
    @ConditionalOnExpression("!'${generation.url:}'.isBlank()")
    static class WithModel {
        private static final long LONGEST_ANSWER = 8L << 20;

        @Bean
        LanguageModel generationModel(GenerationProperties properties) {
            return new LanguageModel(properties.api().endpoint(), LONGEST_ANSWER);
        }

        @Bean
        CallBounds generationBounds(GenerationProperties properties) {
            return new CallBounds("generation", properties.bounds());
        }

        @Bean
        Exchanges.Api generationApi(
                LanguageModel model, CallBounds bounds, GenerationProperties properties, MeterRegistry meters) {
            return new Exchanges.Api(model, bounds, properties, meters);
        }

        @Bean
        Exchanges generationExchanges(
                TenantTransactions transactions,
                GenerationStore generations,
                ExchangeStore exchanges,
                Exchanges.Api api,
                Clock clock) {
            return new Exchanges(transactions, generations, exchanges, api, clock);
        }

        @Bean
        Desk.Base generationBase(
                TaskStore tasks,
                FunctionStore functions,
                Admission admission,
                Verification verification,
                EmergencyDesk emergencies) {
            return new Desk.Base(tasks, functions, admission, verification, emergencies);
        }

        @Bean
        Desk.Stores generationStores(
                TenantTransactions transactions,
                GenerationStore generations,
                CandidateStore candidates,
                Desk.Base base,
                ReviewStore reviews) {
            return new Desk.Stores(transactions, generations, candidates, base, reviews);
        }

        @Bean
        Worker generationWorker(
                Desk.Stores stores,
                Exchanges exchanges,
                GenerationProperties properties,
                Sandbox sandbox,
                StaticCheck texts) {
            return new Worker(stores, exchanges, properties, sandbox, texts);
        }

        @Bean
        LeaseRunner generationRunner(TenantTransactions transactions, Worker worker, GenerationProperties properties) {
            return new LeaseRunner(
                    transactions,
                    GenerationStore.LEASES,
                    new LeaseRunner.Terms("generation", properties.lease(), properties.running()),
                    worker::work);
        }

        @Bean
        GenerationPolls generationPolls(LeaseRunner generationRunner) {
            return new GenerationPolls(generationRunner);
        }
    }

    /** Looks for generations that nobody works on. */
    record GenerationPolls(LeaseRunner runner) {
        @Scheduled(fixedDelayString = "${platform.generations.poll:500ms}")
        void poll() {
            runner.poll();
        }
    }
}
