package io.logicdistillation.inference.students;

import io.logicdistillation.inference.engine.EngineSettings;
import io.logicdistillation.inference.engine.HeldOut;
import io.logicdistillation.inference.engine.StudentEngines;
import io.logicdistillation.inference.engine.StudentLease;
import io.logicdistillation.inference.upstream.TenantClients;
import io.logicdistillation.kit.Scope;
import io.logicdistillation.kit.ServiceCalls;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(StudentsProperties.class)
class StudentsConfiguration {
    @Bean
    Students students(
            ServiceCalls calls,
            Engines here,
            Elsewhere elsewhere,
            StudentsProperties properties,
            ObjectProvider<StudentEngines> loaded) {
        Registry registry = new Registry(
                new TenantClients(calls, properties.url()),
                new TenantClients(calls, properties.url(), Set.of(Scope.OPERATE)));
        StudentStore store = new StudentStore(properties.dataDir().resolve("students"), registry);
        return new Students(
                registry,
                store,
                elsewhere.over(here),
                properties,
                student -> loaded.ifAvailable(engines -> engines.forget(student)));
    }

    /** A replica without the base model can serve nobody, so it takes no requests. */
    @Bean
    HealthIndicator baseModelHealthIndicator(StudentsProperties properties) {
        return () -> {
            Path model = properties.modelFile();
            boolean present = model != null && Files.isReadable(model);
            return (present ? Health.up() : Health.down()).build();
        };
    }

    @Configuration(proxyBeanMethods = false)
    @ConditionalOnMissingBean(Engines.class)
    @EnableConfigurationProperties(BaseModelProperties.class)
    static class InThisProcess {
        @Bean
        StudentEngines studentEngines(StudentsProperties properties, MeterRegistry meters) {
            Path model = properties.modelFile();
            if (model == null || !Files.isReadable(model)) {
                throw new IllegalStateException("PLATFORM_MODEL_FILE must name the base model's GGUF file; "
                        + (model == null ? "it is not set" : model + " can not be read"));
            }
            EngineSettings defaults =
                    EngineSettings.of(model, properties.dataDir().resolve("engine"));
            StudentEngines loaded = new StudentEngines(new EngineSettings(
                    defaults.modelFile(),
                    defaults.cacheFolder(),
                    defaults.threads(),
                    properties.resident(),
                    defaults.cacheBytes(),
                    defaults.numerics(),
                    properties.remembered()));
            measure(loaded, meters);
            return loaded;
        }

        private static void measure(StudentEngines loaded, MeterRegistry meters) {
            FunctionCounter.builder(
                            "student.cache.lookups",
                            loaded,
                            all -> all.cacheStatistics().hits())
                    .tag("found", "yes")
                    .register(meters);
            FunctionCounter.builder(
                            "student.cache.lookups",
                            loaded,
                            all -> all.cacheStatistics().misses())
                    .tag("found", "no")
                    .register(meters);
            Gauge.builder(
                            "student.cache.bytes",
                            loaded,
                            all -> all.cacheStatistics().bytes())
                    .register(meters);
        }

        @Bean
        Engines engines(StudentEngines loaded, MeterRegistry meters) {
            return student -> {
                StudentLease lease = loaded.lease(student);
                return new Engines.Lease(
                        student.id(),
                        new CountedEngine(lease, meters),
                        HeldOut.of(student.manifest().metrics()),
                        lease::close);
            };
        }
    }
}
