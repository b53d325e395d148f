package io.logicdistillation.gateway.door;

import io.logicdistillation.contracts.ProblemType;
import io.logicdistillation.gateway.callers.CallerAuthentication;
import io.logicdistillation.gateway.callers.ClosedTenants;
import io.logicdistillation.gateway.callers.Credentials;
import io.logicdistillation.kit.Caller;
import io.logicdistillation.kit.ProblemWriter;
import io.logicdistillation.kit.Scope;
import io.logicdistillation.kit.TenantLogFilter;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.Filter;
import jakarta.servlet.http.HttpServletRequest;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.security.authorization.AuthorizationDecision;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.config.annotation.web.configurers.AbstractHttpConfigurer;
import org.springframework.security.config.annotation.web.configurers.AuthorizeHttpRequestsConfigurer;
import org.springframework.security.config.http.SessionCreationPolicy;
import org.springframework.security.core.Authentication;
import org.springframework.security.web.AuthenticationEntryPoint;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.security.web.access.intercept.AuthorizationFilter;

/**
 * Which scope opens what. Coarse on purpose: it keeps out who has no business here; a service's own rules, which know more,
 * still apply behind it.
 */
@Configuration(proxyBeanMethods = false)
class Door {
    static final String NOT_VALID = "Bearer realm=\"logic-distillation\", error=\"invalid_token\"";

    private static final Set<String> SAFE_METHODS = Set.of("GET", "HEAD");
    private static final String[] OPEN = {
        "/",
        "/index.html",
        "/console",
        "/console/**",
        "/webjars/**",
        "/favicon.svg",
        "/v1/openapi.json",
        "/actuator/health",
        "/actuator/health/**"
    };
    private static final String[] DECIDING = {
        "/v1/tasks/*/decisions/**", "/v1/tasks/*/decision-batches", "/v1/decisions/**", "/v1/systemone", "/v1/engine/**"
    };

    @Bean
    SecurityFilterChain publicDoor(
            HttpSecurity http, CallerFilter callers, RateLimits limits, CorsGuard cors, ProblemWriter problems) {
        cors.apply(http);
        return http.csrf(AbstractHttpConfigurer::disable) // no cookies, so nothing to forge
                .headers(AbstractHttpConfigurer::disable) // EdgeFilter sets them, on refusals before this chain too
                .logout(AbstractHttpConfigurer::disable)
                .requestCache(AbstractHttpConfigurer::disable)
                .sessionManagement(session -> session.sessionCreationPolicy(SessionCreationPolicy.STATELESS))
                .addFilterBefore(callers, AuthorizationFilter.class)
                .addFilterBefore(new TenantLogFilter(Door::tenant), AuthorizationFilter.class)
                .addFilterBefore(limits, AuthorizationFilter.class)
                .authorizeHttpRequests(Door::rules)
                .exceptionHandling(failures -> failures.authenticationEntryPoint(keyNeeded(problems))
                        .accessDeniedHandler((request, response, failure) ->
                                problems.write(response, ProblemType.FORBIDDEN, "The key lacks the scope for this")))
                .build();
    }

    private static @Nullable String tenant() {
        Caller caller = CallerAuthentication.currentCaller();
        return caller == null ? null : caller.tenant();
    }

    @Bean
    CallerFilter callerFilter(
            List<Credentials> kinds,
            Lockout lockout,
            ClientAddresses addresses,
            ProblemWriter problems,
            ObjectProvider<ClosedTenants> closed) {
        return new CallerFilter(kinds, lockout, addresses, problems, closed.getIfAvailable(() -> tenant -> false));
    }

    @Bean
    RateLimits rateLimits(DoorProperties properties, ProblemWriter problems) {
        return new RateLimits(properties, problems);
    }

    /** These stand in the security chain, and must not run a second time outside of it. */
    @Bean
    FilterRegistrationBean<CallerFilter> callersInTheChainOnly(CallerFilter filter) {
        return inTheChainOnly(filter);
    }

    @Bean
    FilterRegistrationBean<RateLimits> limitsInTheChainOnly(RateLimits filter) {
        return inTheChainOnly(filter);
    }

    private static <T extends Filter> FilterRegistrationBean<T> inTheChainOnly(T filter) {
        FilterRegistrationBean<T> registration = new FilterRegistrationBean<>(filter);
        registration.setEnabled(false);
        return registration;
    }

    private static void rules(
            AuthorizeHttpRequestsConfigurer<HttpSecurity>.AuthorizationManagerRequestMatcherRegistry requests) {
        requests.dispatcherTypeMatchers(DispatcherType.ERROR, DispatcherType.FORWARD, DispatcherType.ASYNC)
                .permitAll();
        requests.requestMatchers(HttpMethod.GET, OPEN).permitAll();
        requests.requestMatchers(HttpMethod.HEAD, OPEN).permitAll();
        requests.requestMatchers("/actuator/**").hasAuthority(Scope.OPERATE.authority());
        requests.requestMatchers("/worker/**").hasAuthority(Scope.WORK.authority());
        // All that there is of a tenant, whichever it is: for those who look after all tenants.
        requests.requestMatchers("/v1/tenants/*", "/v1/tenants/*/**")
                .access((shown, request) -> looksAfterAll(shown.get()));
        requests.requestMatchers("/v1/keys/**", "/v1/tenants/**", "/v1/audit").hasAuthority(Scope.ADMIN.authority());
        requests.requestMatchers(Door::isReading)
                .hasAnyAuthority(authorities(Scope.VIEW, Scope.DECIDE, Scope.AUTHOR, Scope.OPERATE, Scope.ADMIN));
        requests.requestMatchers(DECIDING).hasAuthority(Scope.DECIDE.authority());
        requests.requestMatchers("/v1/tasks/*/searches")
                .hasAnyAuthority(authorities(Scope.VIEW, Scope.DECIDE, Scope.AUTHOR));
        requests.requestMatchers("/v1/students/**", "/v1/evaluations/**").hasAuthority(Scope.OPERATE.authority());
        requests.requestMatchers("/v1/tasks/**", "/v1/datasets/**", "/v1/distillation-jobs/**")
                .hasAuthority(Scope.AUTHOR.authority());
        requests.anyRequest().authenticated();
    }

    private static AuthorizationDecision looksAfterAll(@Nullable Authentication shown) {
        return new AuthorizationDecision(shown instanceof CallerAuthentication
                && shown.getPrincipal() instanceof Caller caller
                && CallerAuthentication.looksAfterAll(caller)
                && caller.scopes().contains(Scope.ADMIN));
    }

    private static boolean isReading(HttpServletRequest request) {
        return SAFE_METHODS.contains(request.getMethod())
                && request.getRequestURI().startsWith("/v1/");
    }

    private static String[] authorities(Scope... scopes) {
        return Arrays.stream(scopes).map(Scope::authority).toArray(String[]::new);
    }

    private static AuthenticationEntryPoint keyNeeded(ProblemWriter problems) {
        return (request, response, failure) -> {
            boolean wrong = CallerFilter.presented(request) != null;
            response.setHeader(HttpHeaders.WWW_AUTHENTICATE, wrong ? NOT_VALID : "Bearer realm=\"logic-distillation\"");
            problems.write(
                    response,
                    ProblemType.UNAUTHENTICATED,
                    wrong ? "The API key is not valid" : "Send an API key as 'Authorization: Bearer ld_…'");
        };
    }
}
