package io.logicdistillation.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.logicdistillation.contracts.Student;
import io.logicdistillation.kit.Caller;
import io.logicdistillation.kit.InternalTokens;
import io.logicdistillation.kit.Scope;
import io.logicdistillation.testkit.OtlpReceiver;
import io.logicdistillation.testkit.TestDatabase;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The whole service over HTTP, with a real Postgres and a real sandbox; its neighbours and its model are played. */
@SpringBootTest(webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT)
@Import(ServiceTest.PlayedModel.class)
abstract class ServiceTest {
    static final JsonMapper JSON = JsonMapper.shared();
    static final String TENANT = "acme";
    static final StubFunctionBase functionBase = new StubFunctionBase();
    static final StubRegistry registry = new StubRegistry();
    static final FakeStudentEngine model = new FakeStudentEngine();
    static final TestDatabase database = TestDatabase.create();
    static final OtlpReceiver traces = OtlpReceiver.start();
    static final DatabaseGate gate = gateTo(database);

    static final Path data = temporaryFolder();

    private static final HttpClient HTTP =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    @LocalServerPort
    int port;

    @Autowired
    InternalTokens tokens;

    static Student student;

    /** Stands aside where a test sets {@code test.model=real}. */
    @TestConfiguration
    @ConditionalOnProperty(name = "test.model", havingValue = "played", matchIfMissing = true)
    static class PlayedModel {
        @Bean
        FakeStudentEngine engines() {
            return model;
        }
    }

    @DynamicPropertySource
    static void properties(DynamicPropertyRegistry properties) {
        properties.add("spring.datasource.url", () -> viaGate(database, gate));
        properties.add("spring.datasource.username", database::user);
        properties.add("spring.datasource.password", database::password);
        properties.add("platform.token-secret", () -> "ab".repeat(32));
        properties.add("management.opentelemetry.tracing.export.otlp.endpoint", traces::endpoint);
        properties.add("management.opentelemetry.tracing.export.schedule-delay", () -> "100ms");
        properties.add("inference.function-base.url", functionBase::url);
        // Every task that a test has decided is asked about at this pace for the rest of the suite.
        properties.add("inference.function-base.poll", () -> "200ms");
        properties.add("inference.students.url", registry::url);
        properties.add("inference.students.poll", () -> "200ms");
        properties.add("inference.students.retry", () -> "200ms");
        properties.add("inference.canaries.report", () -> "100ms");
        properties.add("inference.students.data-dir", () -> data);
        // Machines that build are busy; what is tested is that the limits hold, not how short they are.
        properties.add("inference.sandbox.wall-clock", () -> "1500ms");
        properties.add("inference.sandbox.patience", () -> "1500ms");
        properties.add("inference.function-base.search-timeout", () -> "10s");
        // The played function base finds something else for the same words from test to test.
        properties.add("inference.function-base.remembered-searches", () -> "0");
        properties.add("platform.read-timeout", () -> "30s");
    }

    private static Path temporaryFolder() {
        try {
            return Files.createTempDirectory("inference-test");
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private static DatabaseGate gateTo(TestDatabase database) {
        URI address = URI.create(database.url().substring("jdbc:".length()));
        return new DatabaseGate(address.getHost(), address.getPort());
    }

    private static String viaGate(TestDatabase database, DatabaseGate gate) {
        URI address = URI.create(database.url().substring("jdbc:".length()));
        return "jdbc:postgresql://127.0.0.1:" + gate.port() + address.getPath();
    }

    @BeforeEach
    void startAfresh() {
        gate.set(DatabaseGate.State.OPEN);
        functionBase.away(false);
        registry.away(false);
        model.reset();
        functionBase.publish(TENANT, Maze.snapshot(1));
        functionBase.finds("walk_on", "rest", "stumble", "fly", "spin");
        if (student == null) {
            student = registry.add(TENANT, Maze.NAME, "walker", "ld");
        }
        registry.promote(student);
        awaitDecisions();
        model.reset();
    }

    /** What follows a fault of the test before, or a cold start on a busy machine, is not what a test is about. */
    void awaitDecisions() {
        await().atMost(Duration.ofMinutes(2))
                .untilAsserted(() -> assertThat(decide().status()).isEqualTo(200));
    }

    Caller caller(String tenant, Scope... scopes) {
        return new Caller(tenant, "a test", Set.copyOf(Arrays.asList(scopes)));
    }

    Answer decide(Object body, String... headers) {
        return post("/v1/tasks/maze/decisions", JSON.writeValueAsString(body), headers);
    }

    Answer decide() {
        return decide(Map.of("state", Maze.STATE));
    }

    Answer post(String path, String body, String... headers) {
        return send(caller(TENANT, Scope.DECIDE), "POST", path, body, headers);
    }

    Answer get(String path) {
        return send(caller(TENANT, Scope.VIEW), "GET", path, null);
    }

    Answer send(Caller caller, String method, String path, String body, String... headers) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                .timeout(Duration.ofSeconds(60))
                .header("Authorization", "Bearer " + tokens.mint(caller))
                .method(
                        method,
                        body == null ? HttpRequest.BodyPublishers.noBody() : HttpRequest.BodyPublishers.ofString(body));
        if (body != null && !Arrays.asList(headers).contains("Content-Type")) {
            request.header("Content-Type", "application/json");
        }
        if (headers.length > 0) {
            request.headers(headers);
        }
        try {
            HttpResponse<String> response = HTTP.send(request.build(), HttpResponse.BodyHandlers.ofString());
            Map<String, String> first = new HashMap<>();
            response.headers().map().forEach((name, values) -> first.put(name.toLowerCase(), values.getFirst()));
            String text = response.body();
            boolean object = text.startsWith("{")
                    && !first.getOrDefault("content-type", "").contains("ndjson");
            return new Answer(
                    response.statusCode(), object ? JSON.readTree(text) : JSON.createObjectNode(), text, first);
        } catch (IOException | InterruptedException failure) {
            throw new IllegalStateException(failure);
        }
    }

    /** @param headers names in lower case, first values */
    record Answer(int status, JsonNode body, String text, Map<String, String> headers) {
        String problem() {
            return body.path("type").asString("").replace("urn:logic-distillation:problem:", "");
        }

        JsonNode stage(int number) {
            return body.path("stages").path(number);
        }
    }
}
