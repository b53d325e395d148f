package io.logicdistillation.functionbase;

import io.logicdistillation.kit.AccessRules;
import io.logicdistillation.kit.Scope;
import io.logicdistillation.kit.tenantdata.TenantDataSettings;
import io.logicdistillation.runtime.FunctionRuntime;
import io.logicdistillation.runtime.ObservedRuntime;
import io.logicdistillation.runtime.RuntimeSettings;
import io.logicdistillation.runtime.SandboxedFunctionRuntime;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Map;
import java.util.Set;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.sql.init.dependency.DependsOnDatabaseInitialization;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.HttpMethod;
import org.springframework.jdbc.core.simple.JdbcClient;

@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(SandboxProperties.class)
class ServiceConfiguration {
    /**
     * Python functions give way to whoever decides on the same processors: nobody waits for a verification, which has a second and then
     * ten for what decisions run in a hundred milliseconds, and a search that renders its state has one.
     */
    private static final int NICENESS = 10;

    /** Whoever is authenticated may read, and a search only reads. */
    @Bean
    AccessRules authorsChange() {
        return requests -> requests.requestMatchers(HttpMethod.POST, "/v1/tasks/*/searches")
                .authenticated()
                .requestMatchers(HttpMethod.GET, "/v1/**")
                .authenticated()
                .requestMatchers("/v1/**")
                .hasAuthority(Scope.AUTHOR.authority());
    }

    /** The key that signs snapshots is the installation's own. */
    @Bean
    TenantDataSettings tenantDataSettings() {
        return new TenantDataSettings("function-base-service", "app.tenant", Set.of("signing_key"))
                .withNumberLists(Map.of("snapshot_words.functions", "functions"));
    }

    @Bean
    FunctionRuntime functionRuntime(SandboxProperties properties, MeterRegistry meters) {
        return new ObservedRuntime(
                new SandboxedFunctionRuntime(RuntimeSettings.standard()
                        .withPython(properties.python())
                        .withNiceness(NICENESS)),
                failure -> meters.counter("sandbox.failures", "cause", failure.slug())
                        .increment());
    }

    @Bean
    @DependsOnDatabaseInitialization
    PgvectorVersion pgvectorVersion(JdbcClient database) {
        return PgvectorVersion.require(database);
    }
}
