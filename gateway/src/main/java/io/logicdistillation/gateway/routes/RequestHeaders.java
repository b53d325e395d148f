package io.logicdistillation.gateway.routes;

import io.logicdistillation.gateway.callers.CallerAuthentication;
import io.logicdistillation.gateway.edge.RequestIdentity;
import io.logicdistillation.gateway.edge.TraceContext;
import io.logicdistillation.kit.Caller;
import io.logicdistillation.kit.Scope;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import org.springframework.cloud.gateway.server.mvc.filter.HttpHeadersFilter.RequestHttpHeadersFilter;
import org.springframework.core.Ordered;
import org.springframework.http.HttpHeaders;
import org.springframework.stereotype.Component;
import org.springframework.web.servlet.function.ServerRequest;

/**
 * What of a client's headers reaches a service: nothing that concerns this connection only, nothing that pretends to come
 * from inside, and instead of the key an internal token.
 */
@Component
class RequestHeaders implements RequestHttpHeadersFilter, Ordered {
    private static final Set<String> DROPPED = Set.of(
            "authorization",
            "connection",
            "cookie",
            "expect",
            "forwarded",
            "keep-alive",
            "proxy-authenticate",
            "proxy-authorization",
            "proxy-connection",
            "te",
            "trailer",
            "transfer-encoding",
            "upgrade",
            "via",
            "x-http-method",
            "x-http-method-override",
            "x-method-override",
            "x-original-url",
            "x-real-ip",
            "x-rewrite-url",
            "x-tenant");
    private static final List<String> DROPPED_PREFIXES = List.of("x-forwarded-", "x-internal-", "x-platform-");

    private final CallerTokens tokens;

    RequestHeaders(CallerTokens tokens) {
        this.tokens = tokens;
    }

    @Override
    public HttpHeaders apply(HttpHeaders original, ServerRequest request) {
        HttpHeaders headers = new HttpHeaders();
        Set<String> ofThisConnection = namedIn(request.headers().header(HttpHeaders.CONNECTION));
        original.forEach((name, values) -> {
            String lower = name.toLowerCase(Locale.ROOT);
            if (!isDropped(lower) && !ofThisConnection.contains(lower)) {
                headers.addAll(name, values);
            }
        });
        RequestIdentity identity = RequestIdentity.of(request.servletRequest());
        headers.set(RequestIdentity.HEADER, identity.requestId());
        headers.set(TraceContext.HEADER, identity.trace().traceparent());
        if (!identity.hadTrace()) {
            headers.remove(TraceContext.STATE_HEADER);
        }
        Caller caller = CallerAuthentication.currentCaller();
        if (caller != null) {
            headers.setBearerAuth(tokens.of(onBehalf(caller, request)));
        }
        return headers;
    }

    /** Who looks after all tenants reaches one at a time: a service knows callers of one tenant only. */
    private static Caller onBehalf(Caller caller, ServerRequest request) {
        Matcher data = Routes.TENANT_DATA.matcher(request.servletRequest().getRequestURI());
        return data.matches() && CallerAuthentication.looksAfterAll(caller)
                ? new Caller(data.group("tenant"), caller.name() + " of " + caller.tenant(), Set.of(Scope.ADMIN))
                : caller;
    }

    private static boolean isDropped(String name) {
        return DROPPED.contains(name) || DROPPED_PREFIXES.stream().anyMatch(name::startsWith);
    }

    /** A sender may declare further headers as this connection's own (RFC 9110, section 7.6.1), but not the body's framing. */
    private static Set<String> namedIn(List<String> connection) {
        Set<String> names = new HashSet<>();
        connection.forEach(value -> Arrays.stream(value.split(","))
                .map(name -> name.strip().toLowerCase(Locale.ROOT))
                .forEach(names::add));
        names.removeAll(Set.of("content-length", "content-type", "host"));
        return names;
    }

    /** Last, so that no other filter adds to it. */
    @Override
    public int getOrder() {
        return LOWEST_PRECEDENCE;
    }
}
