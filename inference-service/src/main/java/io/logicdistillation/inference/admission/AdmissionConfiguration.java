package io.logicdistillation.inference.admission;

import com.netflix.concurrency.limits.limit.Gradient2Limit;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.servlet.config.annotation.InterceptorRegistry;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;

@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(AdmissionProperties.class)
class AdmissionConfiguration {
    private static final String[] ASKING_STUDENTS = {
        "/v1/tasks/*/decisions", "/v1/tasks/*/decision-batches", "/v1/decisions", "/v1/systemone"
    };

    @Bean
    Admission admission(AdmissionProperties properties, MeterRegistry meters) {
        Admission admission = new Admission(
                Gradient2Limit.newBuilder()
                        .initialLimit(properties.initial())
                        .minLimit(properties.least())
                        .maxConcurrency(properties.most())
                        .build(),
                System::nanoTime);
        Gauge.builder("admission.limit", admission, Admission::limit).register(meters);
        Gauge.builder("admission.inside", admission, Admission::inside).register(meters);
        return admission;
    }

    @Bean
    WebMvcConfigurer admissionGate(Admission admission, MeterRegistry meters) {
        AdmissionGate gate = new AdmissionGate(admission, meters);
        return new WebMvcConfigurer() {
            @Override
            public void addInterceptors(InterceptorRegistry registry) {
                registry.addInterceptor(gate).addPathPatterns(ASKING_STUDENTS);
            }
        };
    }
}
