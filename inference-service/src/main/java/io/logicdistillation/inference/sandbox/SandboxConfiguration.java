package io.logicdistillation.inference.sandbox;

import io.logicdistillation.runtime.FunctionRuntime;
import io.logicdistillation.runtime.Limits;
import io.logicdistillation.runtime.ObservedRuntime;
import io.logicdistillation.runtime.RuntimeSettings;
import io.logicdistillation.runtime.SandboxedFunctionRuntime;
import io.micrometer.core.instrument.MeterRegistry;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(SandboxProperties.class)
class SandboxConfiguration {
    @Bean
    FunctionRuntime functionRuntime(SandboxProperties properties, MeterRegistry meters) {
        return new ObservedRuntime(
                new SandboxedFunctionRuntime(RuntimeSettings.standard().withPython(properties.python())),
                failure -> meters.counter("sandbox.failures", "cause", failure.slug())
                        .increment());
    }

    @Bean
    FunctionRunner functionRunner(FunctionRuntime runtime, SandboxProperties properties) {
        return new FunctionRunner(
                runtime,
                properties.tries().map(Limits.standard()::withWallClock).toList());
    }
}
