package io.logicdistillation.inference.remote;

import io.micrometer.core.instrument.MeterRegistry;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(RemoteProperties.class)
class RemoteConfiguration {
    @Bean
    RemoteServers remoteServers(RemoteProperties properties, MeterRegistry meters) {
        return new RemoteServers(properties, meters);
    }
}
