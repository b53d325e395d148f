package io.logicdistillation.functionbase;

import io.logicdistillation.contracts.FunctionDefinition;
import io.logicdistillation.contracts.TaskDefinition;
import io.logicdistillation.kit.Caller;
import io.logicdistillation.kit.InternalTokens;
import io.logicdistillation.kit.Scope;
import io.logicdistillation.kit.WireJson;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A caller with a token of the gateway. */
final class Client {
    static final JsonMapper JSON = WireJson.lenient();
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    private final String address;
    private final InternalTokens tokens;
    private final Caller caller;

    private Client(String address, InternalTokens tokens, Caller caller) {
        this.address = address;
        this.tokens = tokens;
        this.caller = caller;
    }

    static Client author(int port, InternalTokens tokens) {
        Caller caller = new Caller("tenant-" + UUID.randomUUID(), "ada", Set.of(Scope.AUTHOR));
        return new Client("http://127.0.0.1:" + port, tokens, caller);
    }

    Client reader() {
        return new Client(address, tokens, new Caller(caller.tenant(), "rea", Set.of(Scope.DECIDE)));
    }

    /** Who looks after everything, for this tenant. */
    Client admin() {
        return ofTenant(caller.tenant());
    }

    Client ofTenant(String tenant) {
        return new Client(address, tokens, new Caller(tenant, "owner", Set.of(Scope.ADMIN, Scope.AUTHOR)));
    }

    String tenant() {
        return caller.tenant();
    }

    /** The same caller, at another replica. */
    Client at(int port) {
        return new Client("http://127.0.0.1:" + port, tokens, caller);
    }

    record Answer(int status, HttpResponse<String> response) {
        JsonNode json() {
            return JSON.readTree(response.body());
        }

        /** The last part of the problem's type. */
        String problem() {
            String type = json().path("type").asString("");
            return type.substring(type.lastIndexOf(':') + 1);
        }

        String header(String name) {
            return response.headers().firstValue(name).orElse("");
        }
    }

    Answer get(String path, String... headers) {
        return send("GET", path, null, headers);
    }

    Answer post(String path, Object body) {
        return send("POST", path, JSON.writeValueAsString(body));
    }

    Answer postText(String path, String body) {
        return send("POST", path, body);
    }

    Answer postLines(String path, String lines) {
        return postLines(path, HttpRequest.BodyPublishers.ofString(lines));
    }

    Answer postLines(String path, HttpRequest.BodyPublisher lines) {
        return send(request(path).header("Content-Type", "application/x-ndjson").POST(lines));
    }

    Answer putLines(String path, String lines) {
        return send(request(path)
                .header("Content-Type", "application/x-ndjson")
                .PUT(HttpRequest.BodyPublishers.ofString(lines)));
    }

    Answer put(String path, Object body) {
        return send("PUT", path, JSON.writeValueAsString(body));
    }

    Answer delete(String path) {
        return send("DELETE", path, null);
    }

    Answer createTask(TaskDefinition task) {
        return post("/v1/tasks", task);
    }

    Answer admit(FunctionDefinition... functions) {
        return post("/v1/tasks/" + ToyTask.NAME + "/functions", functions);
    }

    Answer publish() {
        return post("/v1/tasks/" + ToyTask.NAME + "/snapshots", Map.of());
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create(address + path))
                .header("Authorization", "Bearer " + tokens.mint(caller));
    }

    private Answer send(String method, String path, String body, String... headers) {
        HttpRequest.Builder request = request(path)
                .header("Content-Type", "application/json")
                .method(
                        method,
                        body == null ? HttpRequest.BodyPublishers.noBody() : HttpRequest.BodyPublishers.ofString(body));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return send(request);
    }

    private static Answer send(HttpRequest.Builder request) {
        try {
            HttpResponse<String> response = HTTP.send(request.build(), HttpResponse.BodyHandlers.ofString());
            return new Answer(response.statusCode(), response);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        } catch (InterruptedException interrupted) {
            throw new IllegalStateException(interrupted);
        }
    }
}
