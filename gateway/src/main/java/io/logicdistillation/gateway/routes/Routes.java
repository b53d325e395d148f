package io.logicdistillation.gateway.routes;

import static org.springframework.cloud.gateway.server.mvc.filter.BeforeFilterFunctions.rewritePath;
import static org.springframework.cloud.gateway.server.mvc.filter.BeforeFilterFunctions.uri;
import static org.springframework.cloud.gateway.server.mvc.handler.GatewayRouterFunctions.route;
import static org.springframework.cloud.gateway.server.mvc.handler.HandlerFunctions.http;
import static org.springframework.web.servlet.function.RequestPredicates.methods;
import static org.springframework.web.servlet.function.RequestPredicates.path;

import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.kit.ProblemAdvice;
import java.net.URI;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.HttpMethod;
import org.springframework.http.ProblemDetail;
import org.springframework.http.ResponseEntity;
import org.springframework.web.servlet.function.RequestPredicate;
import org.springframework.web.servlet.function.RouterFunction;
import org.springframework.web.servlet.function.ServerResponse;

/** Which service answers which path. The first match counts, so what is narrower stands first. */
@Configuration(proxyBeanMethods = false)
class Routes {
    private static final List<String> INFERENCE = List.of(
            "/v1/tasks/*/decisions/**",
            "/v1/tasks/*/decision-batches",
            "/v1/tasks/*/decision-policy",
            "/v1/tasks/*/generation-wishes/**",
            "/v1/tasks/*/corrections",
            "/v1/tasks/*/decision-log",
            "/v1/tasks/*/decision-statistics",
            "/v1/tasks/*/function-coverage",
            "/v1/tasks/*/drift-reports/**",
            "/v1/decision-log",
            "/v1/decisions/**",
            "/v1/systemone",
            "/v1/models",
            "/v1/engine/**");
    private static final List<String> DISTILLATION = List.of(
            "/v1/students/**", "/v1/datasets/**", "/v1/distillation-jobs/**", "/v1/evaluations", "/worker/v1/**");
    /** All that a service keeps of one tenant, for those who look after all of them. */
    static final Pattern TENANT_DATA = Pattern.compile("/v1/tenants/(?<tenant>[^/]+)/data/[a-z-]+(?<part>/.*)?");

    private static final List<String> FUNCTION_BASE = List.of("/v1/tasks/**", "/v1/snapshot-keys");

    @Bean
    RouterFunction<ServerResponse> routeTable(UpstreamProperties upstreams) {
        return to("inference", upstreams.inference(), INFERENCE)
                .and(tenantData("inference", upstreams.inference()))
                .and(tenantData("distillation", upstreams.distillation()))
                .and(tenantData("function-base", upstreams.functionBase()))
                .and(to("distillation", upstreams.distillation(), DISTILLATION))
                .and(to("function-base", upstreams.functionBase(), FUNCTION_BASE));
    }

    private static RouterFunction<ServerResponse> tenantData(String service, URI address) {
        return route("tenant-data-" + service)
                .route(
                        methods(HttpMethod.GET, HttpMethod.PUT)
                                .and(path("/v1/tenants/*/data/" + service)
                                        .or(path("/v1/tenants/*/data/" + service + "/**"))),
                        http())
                .before(rewritePath(TENANT_DATA.pattern(), "/v1/tenant-data${part}"))
                .before(uri(address))
                .onError(PlatformException.class, (failure, request) -> answer((PlatformException) failure))
                .build();
    }

    private static RouterFunction<ServerResponse> to(String name, URI address, List<String> paths) {
        RequestPredicate anyOf = paths.stream()
                .map(pattern -> (RequestPredicate) path(pattern))
                .reduce(RequestPredicate::or)
                .orElseThrow();
        return route(name)
                .route(anyOf, http())
                .before(uri(address))
                .onError(PlatformException.class, (failure, request) -> answer((PlatformException) failure))
                .build();
    }

    private static ServerResponse answer(PlatformException failure) {
        ResponseEntity<ProblemDetail> problem =
                ProblemAdvice.answer(failure.type(), failure.getMessage(), failure.extensions());
        return ServerResponse.status(problem.getStatusCode())
                .headers(headers -> headers.putAll(problem.getHeaders()))
                .body(Objects.requireNonNull(problem.getBody()));
    }
}
