package io.logicdistillation.gateway.edge;

import io.logicdistillation.contracts.ProblemType;
import io.logicdistillation.gateway.oidc.OidcProperties;
import io.logicdistillation.kit.ProblemWriter;
import io.micrometer.tracing.Tracer;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Locale;
import java.util.Map;
import org.slf4j.MDC;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.http.MediaType;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;

/** Sees a request before anything judges it, and so is present on every answer, refusals and failures included. */
@Component
@Order(EdgeFilter.BEHIND_OBSERVATION)
class EdgeFilter extends OncePerRequestFilter {
    /** Boot's filter that begins the request's span stands at one more than the highest precedence. */
    static final int BEHIND_OBSERVATION = Ordered.HIGHEST_PRECEDENCE + 2;

    private final ProblemWriter problems;
    private final Tracer tracer;
    private final Map<String, String> security;

    EdgeFilter(ProblemWriter problems, Tracer tracer, OidcProperties oidc) {
        this.problems = problems;
        this.tracer = tracer;
        this.security = EdgeHeaders.security(oidc.signsPeopleIn() ? oidc.origin() : "");
    }

    @Override
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        RequestIdentity identity = RequestIdentity.identify(request, tracer.currentSpan());
        response.setHeader(RequestIdentity.HEADER, identity.requestId());
        response.setHeader(TraceContext.HEADER, identity.trace().traceparent());
        security.forEach(response::setHeader);
        MDC.put("traceId", identity.trace().traceId());
        MDC.put("requestId", identity.requestId());
        try {
            if (isForm(request)) {
                problems.write(response, ProblemType.UNSUPPORTED_MEDIA_TYPE, "Forms are not taken here; send JSON");
            } else {
                chain.doFilter(request, response);
            }
        } finally {
            MDC.remove("traceId");
            MDC.remove("requestId");
        }
    }

    /** A form's body would be read as parameters on its way and reach the service as part of the query. */
    private static boolean isForm(HttpServletRequest request) {
        String type = request.getContentType();
        return type != null && type.toLowerCase(Locale.ROOT).startsWith(MediaType.APPLICATION_FORM_URLENCODED_VALUE);
    }
}
