package io.logicdistillation.gateway.edge;

import io.micrometer.tracing.Span;
import jakarta.servlet.http.HttpServletRequest;
import java.util.UUID;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * How a request is known in answers, logs and the services behind.
 *
 * @param requestId the client's own {@code X-Request-Id} where it is short and plain, else a new one
 * @param hadTrace whether the client brought a valid trace, so that its {@code tracestate} counts
 */
public record RequestIdentity(String requestId, TraceContext trace, boolean hadTrace) {
    public static final String HEADER = "X-Request-Id";

    private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9._:-]{1,64}");
    private static final String ATTRIBUTE = RequestIdentity.class.getName();

    /** @param span of the request at the gateway; none where nothing is observed */
    static RequestIdentity identify(HttpServletRequest request, @Nullable Span span) {
        String brought = request.getHeader(HEADER);
        String id = brought != null && PLAIN.matcher(brought).matches()
                ? brought
                : UUID.randomUUID().toString();
        String traceparent = request.getHeader(TraceContext.HEADER);
        TraceContext trace = span == null ? TraceContext.continueOrStart(traceparent) : TraceContext.of(span);
        RequestIdentity identity = new RequestIdentity(id, trace, TraceContext.isValid(traceparent));
        request.setAttribute(ATTRIBUTE, identity);
        return identity;
    }

    /** @throws IllegalStateException if {@link EdgeFilter} has not seen the request */
    public static RequestIdentity of(HttpServletRequest request) {
        if (request.getAttribute(ATTRIBUTE) instanceof RequestIdentity identity) {
            return identity;
        }
        throw new IllegalStateException("The request has not passed the edge filter");
    }
}
