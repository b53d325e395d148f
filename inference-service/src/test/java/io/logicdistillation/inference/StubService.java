package io.logicdistillation.inference;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.logicdistillation.contracts.ProblemType;
import io.logicdistillation.kit.ProblemAdvice;
import io.logicdistillation.kit.WireJson;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import java.util.concurrent.Executors;
import tools.jackson.databind.json.JsonMapper;

/** Another service played over real HTTP; {@link #away} makes it drop every connection. */
public abstract class StubService {
    protected static final JsonMapper JSON = WireJson.lenient();
    private final HttpServer server;
    private volatile boolean away;

    protected StubService() {
        try {
            server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", this::handle);
        server.start();
    }

    public URI url() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    public void away(boolean gone) {
        away = gone;
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            byte[] body = exchange.getRequestBody().readAllBytes();
            if (away) {
                return;
            }
            answer(exchange, tenant(exchange), body);
        }
    }

    protected abstract void answer(HttpExchange exchange, String tenant, byte[] body) throws IOException;

    @SuppressWarnings("unchecked")
    private static String tenant(HttpExchange exchange) {
        String token = exchange.getRequestHeaders().getFirst("Authorization").substring("Bearer ".length());
        byte[] claims = Base64.getUrlDecoder().decode(token.split("\\.")[1]);
        return String.valueOf(((Map<String, Object>) JSON.readValue(claims, Map.class)).get("tenant"));
    }

    protected static void send(HttpExchange exchange, int status, byte[] body) throws IOException {
        exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
        exchange.getResponseBody().write(body);
    }

    protected static void json(HttpExchange exchange, Object body) throws IOException {
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        send(exchange, 200, JSON.writeValueAsBytes(body));
    }

    /** JSON with an entity tag, or 304 if the client has it. */
    protected static void tagged(HttpExchange exchange, String tag, Object body) throws IOException {
        String quoted = "\"" + tag + "\"";
        exchange.getResponseHeaders().set("ETag", quoted);
        if (quoted.equals(exchange.getRequestHeaders().getFirst("If-None-Match"))) {
            send(exchange, 304, new byte[0]);
        } else {
            json(exchange, body);
        }
    }

    protected static void problem(HttpExchange exchange, ProblemType type, String detail) throws IOException {
        exchange.getResponseHeaders().set("Content-Type", "application/problem+json");
        byte[] body = JSON.writeValueAsString(
                        ProblemAdvice.answer(type, detail, Map.of()).getBody())
                .getBytes(StandardCharsets.UTF_8);
        send(exchange, type.status(), body);
    }
}
