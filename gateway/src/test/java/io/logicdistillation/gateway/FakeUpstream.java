package io.logicdistillation.gateway;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicReference;

/** A service behind the gateway: remembers the last request, answers as told, can go away and come back on the same port. */
final class FakeUpstream {
    static final HttpHandler ECHO = exchange -> answer(exchange, 200, "application/json", "{\"ok\":true}");

    private final String name;
    private final AtomicReference<Seen> seen = new AtomicReference<>();
    private final int port;
    private volatile HttpHandler handler = ECHO;
    private HttpServer server;

    FakeUpstream(String name) {
        this.name = name;
        start(0);
        this.port = server.getAddress().getPort();
    }

    record Seen(String method, String uri, Headers headers, byte[] body) {}

    String url() {
        return "http://127.0.0.1:" + port;
    }

    void answers(HttpHandler handler) {
        this.handler = handler;
    }

    void reset() {
        handler = ECHO;
        seen.set(null);
        if (server == null) {
            start(port);
        }
    }

    /** The last request; null if none came since {@link #reset}. */
    Seen seen() {
        return seen.get();
    }

    void goAway() {
        server.stop(0);
        server = null;
    }

    void comeBack() {
        start(port);
    }

    private void start(int wanted) {
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), wanted), 0);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", exchange -> {
            byte[] body = exchange.getRequestBody().readAllBytes();
            seen.set(new Seen(
                    exchange.getRequestMethod(),
                    exchange.getRequestURI().toString(),
                    exchange.getRequestHeaders(),
                    body));
            exchange.getResponseHeaders().set("X-Upstream", name);
            handler.handle(exchange);
        });
        server.start();
    }

    static void answer(HttpExchange exchange, int status, String type, String body) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", type);
        exchange.sendResponseHeaders(status, bytes.length);
        exchange.getResponseBody().write(bytes);
        exchange.close();
    }
}
