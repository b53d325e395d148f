package io.logicdistillation.benchmarks;

import io.logicdistillation.kit.Caller;
import io.logicdistillation.kit.InternalTokens;
import io.logicdistillation.kit.Scope;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A running service, called as the gateway calls it. The environment's PLATFORM_TOKEN_SECRET is the service's. Thread-safe. */
final class Service {
    private static final JsonMapper JSON = JsonMapper.shared();

    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final Map<String, String> tokens = new ConcurrentHashMap<>();
    private final InternalTokens minter;
    private final String address;
    private final long pid;

    /** @param url name of the argument that is its address */
    Service(List<String> arguments, String url) {
        this.address = option(arguments, url);
        this.pid = Long.parseLong(option(arguments, "--pid"));
        this.minter =
                new InternalTokens(System.getenv("PLATFORM_TOKEN_SECRET"), Duration.ofHours(6), Clock.systemUTC());
    }

    Service(List<String> arguments) {
        this(arguments, "--url");
    }

    static String option(List<String> arguments, String name) {
        int at = arguments.indexOf(name);
        if (at < 0 || at + 1 == arguments.size()) {
            throw new IllegalArgumentException(name + " is missing; './platform bench' gives it");
        }
        return arguments.get(at + 1);
    }

    /** An answer without a body is an empty text. */
    JsonNode post(String tenant, String path, String type, HttpRequest.BodyPublisher body)
            throws IOException, InterruptedException {
        return send(
                tenant, path, request -> request.header("Content-Type", type).POST(body));
    }

    private HttpResponse<String> answered(String tenant, String path, UnaryOperator<HttpRequest.Builder> method)
            throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(address + path))
                .header("Authorization", "Bearer " + tokens.computeIfAbsent(tenant, this::mint));
        return http.send(method.apply(request).build(), HttpResponse.BodyHandlers.ofString());
    }

    JsonNode get(String tenant, String path) throws IOException, InterruptedException {
        return send(tenant, path, HttpRequest.Builder::GET);
    }

    private JsonNode send(String tenant, String path, UnaryOperator<HttpRequest.Builder> method)
            throws IOException, InterruptedException {
        HttpResponse<String> answer = answered(tenant, path, method);
        if (answer.statusCode() >= 300) {
            throw new IllegalStateException(path + " answered " + answer.statusCode() + ": " + answer.body());
        }
        return answer.body().isEmpty() ? JSON.missingNode() : JSON.readTree(answer.body());
    }

    void put(String tenant, String path, String json) throws IOException, InterruptedException {
        send(
                tenant,
                path,
                request -> request.header("Content-Type", "application/json")
                        .PUT(HttpRequest.BodyPublishers.ofString(json)));
    }

    /** What is answered to a request that may be refused. */
    int status(String tenant, String path, String json) throws IOException, InterruptedException {
        return answered(
                        tenant,
                        path,
                        request -> request.header("Content-Type", "application/json")
                                .POST(HttpRequest.BodyPublishers.ofString(json)))
                .statusCode();
    }

    JsonNode post(String tenant, String path, String json) throws IOException, InterruptedException {
        return post(tenant, path, "application/json", HttpRequest.BodyPublishers.ofString(json));
    }

    /** @param figure VmRSS for what it holds now, VmHWM for the most it ever did */
    double memoryMb(String figure) throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/" + pid + "/status"))) {
            if (line.startsWith(figure + ":")) {
                return Double.parseDouble(line.replaceAll("\\D", "")) / 1024;
            }
        }
        return Double.NaN;
    }

    private String mint(String tenant) {
        return minter.mint(new Caller(tenant, "bench", EnumSet.of(Scope.VIEW, Scope.DECIDE, Scope.AUTHOR, Scope.WORK)));
    }
}
