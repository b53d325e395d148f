package io.logicdistillation.testkit;

import com.google.protobuf.ByteString;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.trace.v1.Span;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Deque;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedDeque;

/**
 * A collector that keeps the spans it was sent last (OTLP over HTTP, in protobuf). Thread-safe; ends with the process.
 *
 * <p>It shares a heap with the service under test: kept for ever, what it received would look like a leak of that service.
 */
public final class OtlpReceiver {
    private static final HexFormat HEX = HexFormat.of();
    private static final int MOST = 1_000;

    private final Deque<Received> received = new ConcurrentLinkedDeque<>();
    private final HttpServer server;

    /**
     * @param service whose span it is
     * @param trace in hexadecimal, as in a {@code traceparent}
     * @param parent span, empty for the first of a trace
     * @param attributes as text, for what must not be in them
     */
    public record Received(String service, String name, String trace, String id, String parent, String attributes) {}

    private OtlpReceiver(HttpServer server) {
        this.server = server;
    }

    public static OtlpReceiver start() {
        try {
            HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            OtlpReceiver receiver = new OtlpReceiver(server);
            server.createContext("/v1/traces", receiver::take);
            server.start();
            return receiver;
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /** What an exporter is pointed to. */
    public String endpoint() {
        return "http://127.0.0.1:" + server.getAddress().getPort() + "/v1/traces";
    }

    /** The spans of one trace so far, in the order in which they came, as far as they are kept. */
    public List<Received> of(String trace) {
        return received.stream().filter(span -> span.trace().equals(trace)).toList();
    }

    private void take(HttpExchange exchange) throws IOException {
        try (exchange) {
            ExportTraceServiceRequest request = ExportTraceServiceRequest.parseFrom(exchange.getRequestBody());
            request.getResourceSpansList().forEach(resource -> {
                String service = resource.getResource().getAttributesList().stream()
                        .filter(attribute -> attribute.getKey().equals("service.name"))
                        .map(attribute -> attribute.getValue().getStringValue())
                        .findFirst()
                        .orElse("");
                resource.getScopeSpansList()
                        .forEach(scope -> scope.getSpansList().forEach(span -> received.add(read(service, span))));
            });
            while (received.size() > MOST) {
                received.poll();
            }
            exchange.sendResponseHeaders(200, -1);
        }
    }

    private static Received read(String service, Span span) {
        return new Received(
                service,
                span.getName(),
                hex(span.getTraceId()),
                hex(span.getSpanId()),
                hex(span.getParentSpanId()),
                span.getAttributesList().toString());
    }

    private static String hex(ByteString bytes) {
        return HEX.formatHex(bytes.toByteArray());
    }
}
