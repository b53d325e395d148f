package io.logicdistillation.gateway.edge;

import io.micrometer.tracing.Span;
import java.util.HexFormat;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The W3C {@code traceparent} of a request: that of the gateway's own span, which continues the trace that arrived. Where
 * nothing is observed, one that arrives is passed on as it is; one that is absent or malformed is replaced by the start of a
 * new trace.
 */
public record TraceContext(String traceparent) {
    public static final String HEADER = "traceparent";
    public static final String STATE_HEADER = "tracestate";

    private static final Pattern SHAPE = Pattern.compile("00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}");
    private static final int TRACE_ID_START = 3;
    private static final int TRACE_ID_END = 35;

    static TraceContext of(Span span) {
        io.micrometer.tracing.TraceContext context = span.context();
        String flags = Boolean.TRUE.equals(context.sampled()) ? "01" : "00";
        return new TraceContext("00-" + context.traceId() + "-" + context.spanId() + "-" + flags);
    }

    static TraceContext continueOrStart(@Nullable String header) {
        return header != null && isValid(header) ? new TraceContext(header) : start();
    }

    static boolean isValid(@Nullable String header) {
        return header != null && SHAPE.matcher(header).matches();
    }

    private static TraceContext start() {
        ThreadLocalRandom random = ThreadLocalRandom.current();
        HexFormat hex = HexFormat.of();
        return new TraceContext("00-" + hex.toHexDigits(random.nextLong()) + hex.toHexDigits(random.nextLong() | 1)
                + "-" + hex.toHexDigits(random.nextLong() | 1) + "-01");
    }

    String traceId() {
        return traceparent.substring(TRACE_ID_START, TRACE_ID_END);
    }
}
