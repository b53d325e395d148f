package io.logicdistillation.inference.functionbase;

import io.logicdistillation.inference.upstream.TenantClients;
import io.logicdistillation.kit.ServiceCalls;
import io.micrometer.core.instrument.MeterRegistry;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(FunctionBaseProperties.class)
class FunctionBaseConfiguration {
    @Bean
    FunctionBase functionBase(ServiceCalls calls, FunctionBaseProperties properties) {
        return new FunctionBase(
                new TenantClients(calls, properties.url()),
                new TenantClients(calls, properties.url(), properties.snapshotTimeout()));
    }

    @Bean
    Snapshots snapshots(FunctionBase base, FunctionBaseProperties properties) {
        return new Snapshots(base, properties);
    }

    @Bean
    CandidateSearch candidateSearch(FunctionBase base, FunctionBaseProperties properties, MeterRegistry meters) {
        return new CandidateSearch(base, properties, meters);
    }
}
