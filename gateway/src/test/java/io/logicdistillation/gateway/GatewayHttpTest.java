package io.logicdistillation.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.logicdistillation.contracts.ProblemType;
import io.logicdistillation.kit.InternalTokens;
import io.logicdistillation.testkit.OtlpReceiver;
import io.logicdistillation.testkit.TestDatabase;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.junit.jupiter.api.BeforeEach;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** One gateway for all tests that talk HTTP to it, with three services behind it that do as they are told. */
@SpringBootTest(
        webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT,
        properties = {
            "platform.database.url=${test.database.url}",
            "platform.last-use-every=200ms",
            "management.tracing.sampling.probability=1.0",
            "management.opentelemetry.tracing.export.schedule-delay=100ms",
            "server.tomcat.connection-timeout=4s",
            // Many of these tests show wrong keys, all from one address.
            "platform.door.failed-keys=5000",
            "platform.oidc.issuer=${test.issuer}",
            "platform.oidc.client-id=console",
            "platform.oidc.keys-every=1ms",
            "platform.oidc.roles.platform-engineers=operator"
        })
abstract class GatewayHttpTest {
    static final String OWNER = "ld_owner";
    static final String DECIDER = "ld_decider";
    static final String WORKER = "ld_worker";
    /** May do everything, in another tenant. */
    static final String STRANGER = "ld_stranger";
    /** Looks after all tenants. */
    static final String PLATFORM = "ld_platform";
    /** Looks after keys, and may do nothing else. */
    static final String CLERK = "ld_clerk";

    static final TestDatabase DATABASE = TestDatabase.create();
    static final OtlpReceiver TRACES = OtlpReceiver.start();
    static final int ISSUER_PORT = freePort();
    static final FakeUpstream FUNCTION_BASE = new FakeUpstream("function-base");
    static final FakeUpstream DISTILLATION = new FakeUpstream("distillation");
    static final FakeUpstream INFERENCE = new FakeUpstream("inference");
    static final JsonMapper JSON = JsonMapper.shared();
    static final Path KEYS = writeKeys();

    private static final HttpClient HTTP = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .build();

    @LocalServerPort
    int port;

    @Autowired
    InternalTokens tokens;

    @DynamicPropertySource
    static void settings(DynamicPropertyRegistry registry) {
        registry.add("platform.token-secret", () -> "5a".repeat(32));
        registry.add("platform.keys-file", KEYS::toString);
        registry.add("platform.keys-poll", () -> "50ms");
        registry.add("platform.upstreams.function-base", FUNCTION_BASE::url);
        registry.add("platform.upstreams.distillation", DISTILLATION::url);
        registry.add("platform.upstreams.inference", INFERENCE::url);
        registry.add("platform.upstreams.response-timeout", () -> "3s");
        registry.add("platform.upstreams.connections", () -> "4");
        registry.add("management.opentelemetry.tracing.export.otlp.endpoint", TRACES::endpoint);
        registry.add("test.database.url", DATABASE::url);
        registry.add("platform.database.user", DATABASE::user);
        registry.add("platform.database.password", DATABASE::password);
        registry.add("test.issuer", () -> "http://127.0.0.1:" + ISSUER_PORT);
    }

    @BeforeEach
    void freshUpstreams() {
        FUNCTION_BASE.reset();
        DISTILLATION.reset();
        INFERENCE.reset();
    }

    static String keyRecord(String name, String key, String tenant, String scopes) {
        try {
            String sha256 = HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(key.getBytes(StandardCharsets.UTF_8)));
            return """
                    {"name":"%s","sha256":"%s","tenant":"%s","scopes":[%s]}""".formatted(name, sha256, tenant, scopes);
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    static String defaultKeys() {
        return "["
                + keyRecord("owner", OWNER, "acme", "\"decide\",\"author\",\"operate\",\"admin\",\"work\"")
                + ","
                + keyRecord("decider", DECIDER, "acme", "\"decide\"")
                + ","
                + keyRecord("worker", WORKER, "acme", "\"work\"")
                + ","
                + keyRecord("clerk", CLERK, "acme", "\"admin\"")
                + ","
                + keyRecord("owner", STRANGER, "globex", "\"decide\",\"author\",\"operate\",\"admin\",\"work\"")
                + ","
                + keyRecord("platform", PLATFORM, "*", "\"view\",\"decide\",\"author\",\"operate\",\"admin\",\"work\"")
                + "]";
    }

    private static Path writeKeys() {
        try {
            Path file = Files.createTempFile("keys", ".json");
            file.toFile().deleteOnExit();
            return Files.writeString(file, defaultKeys());
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private static int freePort() {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path));
    }

    HttpRequest.Builder as(String key, String path) {
        return request(path).header("Authorization", "Bearer " + key);
    }

    static HttpRequest.Builder json(HttpRequest.Builder request, String body) {
        return request.header("Content-Type", "application/json").POST(HttpRequest.BodyPublishers.ofString(body));
    }

    static HttpResponse<String> send(HttpRequest.Builder request) throws IOException, InterruptedException {
        return HTTP.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    static <T> HttpResponse<T> send(HttpRequest.Builder request, HttpResponse.BodyHandler<T> handler)
            throws IOException, InterruptedException {
        return HTTP.send(request.build(), handler);
    }

    /** Sends bytes as they are and returns the whole answer: for what a well-behaved client refuses to send. */
    String raw(String request) throws IOException {
        try (Socket socket = new Socket("127.0.0.1", port)) {
            socket.setSoTimeout(10_000);
            socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
            socket.getOutputStream().flush();
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    static void assertProblem(HttpResponse<String> answer, ProblemType type) {
        assertThat(answer.statusCode()).isEqualTo(type.status());
        assertThat(answer.headers().firstValue("Content-Type").orElse("")).startsWith("application/problem+json");
        assertThat(answer.headers().firstValue("X-Request-Id")).isPresent();
        assertThat(answer.headers().firstValue("X-Content-Type-Options")).hasValue("nosniff");
        JsonNode problem = JSON.readTree(answer.body());
        assertThat(problem.path("type").stringValue()).isEqualTo(type.uri().toString());
        assertThat(problem.path("status").intValue()).isEqualTo(type.status());
        assertThat(answer.body()).doesNotContain("Exception").doesNotContain("\tat ");
    }
}
