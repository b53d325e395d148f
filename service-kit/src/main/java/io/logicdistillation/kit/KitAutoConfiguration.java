package io.logicdistillation.kit;

import io.logicdistillation.contracts.ProblemType;
import java.time.Clock;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.jackson.autoconfigure.JsonMapperBuilderCustomizer;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.core.Ordered;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.config.annotation.web.configurers.AbstractHttpConfigurer;
import org.springframework.security.config.http.SessionCreationPolicy;
import org.springframework.security.oauth2.jwt.JwtDecoder;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.web.client.RestClient;
import tools.jackson.databind.json.JsonMapper;

/** Wires the kit into a service. */
@AutoConfiguration
@EnableConfigurationProperties(KitProperties.class)
@Import(ProblemAdvice.class)
public class KitAutoConfiguration {
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

    @Bean
    FilterRegistrationBean<BodyLimitFilter> bodyLimit(KitProperties properties, ProblemWriter problems) {
        FilterRegistrationBean<BodyLimitFilter> registration =
                new FilterRegistrationBean<>(new BodyLimitFilter(properties.largestBody(), problems));
        registration.setOrder(Ordered.HIGHEST_PRECEDENCE + 10);
        return registration;
    }

    @Bean
    ServiceCalls serviceCalls(
            ObjectProvider<RestClient.Builder> builders, KitProperties properties, InternalTokens tokens) {
        return new ServiceCalls(builders.getIfAvailable(RestClient::builder), properties, tokens);
    }

    /** The gateway brings a chain of its own: it is the one that takes keys. */
    @Bean
    @ConditionalOnMissingBean(SecurityFilterChain.class)
    SecurityFilterChain internalTokensOnly(
            HttpSecurity http, InternalTokens tokens, ProblemWriter problems, ObjectProvider<AccessRules> rules) {
        JwtDecoder decoder = tokens.decoder();
        return http.csrf(AbstractHttpConfigurer::disable)
                .sessionManagement(session -> session.sessionCreationPolicy(SessionCreationPolicy.STATELESS))
                .authorizeHttpRequests(requests -> {
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
