package io.logicdistillation.kit;

import io.logicdistillation.contracts.ProblemType;
import jakarta.servlet.DispatcherType;
import java.time.Clock;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.jackson.autoconfigure.JsonMapperBuilderCustomizer;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.boot.webmvc.autoconfigure.error.ErrorMvcAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.core.Ordered;
import org.springframework.core.env.Environment;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.config.annotation.web.configurers.AbstractHttpConfigurer;
import org.springframework.security.config.http.SessionCreationPolicy;
import org.springframework.security.oauth2.jwt.JwtDecoder;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.security.web.access.intercept.AuthorizationFilter;
import org.springframework.security.web.firewall.RequestRejectedHandler;
import org.springframework.web.client.RestClient;
import tools.jackson.databind.json.JsonMapper;

/** Wires the kit into a service. */
@AutoConfiguration(before = ErrorMvcAutoConfiguration.class)
@EnableConfigurationProperties(KitProperties.class)
@Import({ProblemAdvice.class, ProblemErrors.class})
public class KitAutoConfiguration {
    /** Static, as it comes before all other beans. */
    @Bean
    static SettingsCheck settingsCheck(Environment environment) {
        return new SettingsCheck(environment);
    }

    @Bean
    JsonMapperBuilderCustomizer wireJson() {
        return WireJson::strict;
    }

    @Bean
    @ConditionalOnMissingBean
    Clock clock() {
        return Clock.systemUTC();
    }

    @Bean
    InternalTokens internalTokens(KitProperties properties, Clock clock) {
        return new InternalTokens(properties.requiredTokenSecret(), properties.tokenLifetime(), clock);
    }

    @Bean
    ProblemWriter problemWriter(JsonMapper json) {
        return new ProblemWriter(json);
    }

    /** A service with other limits brings a bean of this name. */
    @Bean
    @ConditionalOnMissingBean(name = "bodyLimit")
    FilterRegistrationBean<BodyLimitFilter> bodyLimit(KitProperties properties, ProblemWriter problems) {
        return BodyLimitFilter.exceptUploads(request -> properties.largestBody(), problems);
    }

    /** Before everything that may answer. */
    @Bean
    Farewell farewell(KitProperties properties) {
        return new Farewell(properties.farewell());
    }

    @Bean
    FilterRegistrationBean<Farewell> farewellFilter(Farewell farewell) {
        FilterRegistrationBean<Farewell> registration = new FilterRegistrationBean<>(farewell);
        registration.setOrder(Ordered.HIGHEST_PRECEDENCE);
        return registration;
    }

    /** What Spring Security's firewall finds malicious (path tricks, odd methods) is a problem detail like any other refusal. */
    @Bean
    RequestRejectedHandler requestRejectedHandler(ProblemWriter problems) {
        return (request, response, failure) ->
                problems.write(response, ProblemType.INVALID_REQUEST, "The request line or a header is not acceptable");
    }

    @Bean
    ServiceTls serviceTls(KitProperties properties, SslBundles bundles) {
        return ServiceTls.of(properties.tlsBundle(), bundles);
    }

    @Bean
    ServiceCalls serviceCalls(
            ObjectProvider<RestClient.Builder> builders,
            KitProperties properties,
            InternalTokens tokens,
            ServiceTls tls) {
        return new ServiceCalls(builders.getIfAvailable(RestClient::builder), properties, tokens, tls);
    }

    /** The gateway brings a chain of its own: it is the one that takes keys. */
    @Bean
    @ConditionalOnMissingBean(SecurityFilterChain.class)
    SecurityFilterChain internalTokensOnly(
            HttpSecurity http, InternalTokens tokens, ProblemWriter problems, ObjectProvider<AccessRules> rules) {
        JwtDecoder decoder = tokens.decoder();
        return http.csrf(AbstractHttpConfigurer::disable)
                .sessionManagement(session -> session.sessionCreationPolicy(SessionCreationPolicy.STATELESS))
                .addFilterBefore(TenantLogFilter.ofInternalTokens(), AuthorizationFilter.class)
                .authorizeHttpRequests(requests -> {
                    requests.dispatcherTypeMatchers(DispatcherType.ERROR, DispatcherType.ASYNC)
                            .permitAll();
                    requests.requestMatchers("/actuator/health/**", "/actuator/health")
                            .permitAll();
                    rules.orderedStream().forEach(rule -> rule.apply(requests));
                    requests.anyRequest().authenticated();
                })
                .oauth2ResourceServer(server -> server.jwt(jwt -> jwt.decoder(decoder))
                        .authenticationEntryPoint((request, response, failure) -> problems.write(
                                response, ProblemType.UNAUTHENTICATED, "An internal token of the gateway is needed"))
                        .accessDeniedHandler((request, response, failure) ->
                                problems.write(response, ProblemType.FORBIDDEN, "The key lacks the scope for this")))
                .build();
    }
}
