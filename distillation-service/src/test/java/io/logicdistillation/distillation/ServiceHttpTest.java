package io.logicdistillation.distillation;

import static org.assertj.core.api.Assertions.assertThat;

import io.logicdistillation.contracts.ProblemType;
import io.logicdistillation.kit.Caller;
import io.logicdistillation.kit.InternalTokens;
import io.logicdistillation.kit.Scope;
import io.logicdistillation.testkit.TestDatabase;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The service over HTTP on a real Postgres; every test is a tenant of its own. */
@SpringBootTest(webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT)
public abstract class ServiceHttpTest {
    /** Outlives a test class, as the application context does that the classes share. */
    protected static final Path FOLDER =
            Path.of("target", "test-data", UUID.randomUUID().toString());

    private static final HttpClient HTTP =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    protected String tenant = "";

    @LocalServerPort
    private int port;

    @Autowired
    private InternalTokens tokens;

    @DynamicPropertySource
    static void settings(DynamicPropertyRegistry registry) {
        TestDatabase database = TestDatabase.create();
        registry.add("spring.datasource.url", database::url);
        registry.add("spring.datasource.username", database::user);
        registry.add("spring.datasource.password", database::password);
        registry.add("platform.token-secret", () -> "5a".repeat(32));
        registry.add("platform.jobs.tenants.small.most-queued", () -> "2");
        registry.add("platform.jobs.tenants.narrow.most-running", () -> "1");
        registry.add("platform.jobs.tenants.thin.most-running", () -> "1");
        registry.add("platform.gate.tasks.strict.least-agreement", () -> "0.95");
        registry.add("platform.gate.tasks.rewarded.reward-needed", () -> "true");
        registry.add("platform.gate.tasks.timed.most-latency", () -> "20ms");
        registry.add("platform.gate.tasks.beside.latency-needed", () -> "true");
        registry.add("platform.data-dir", () -> FOLDER.resolve("data").toString());
    }

    @BeforeEach
    void freshTenant() {
        tenant = "t" + UUID.randomUUID();
    }

    protected HttpRequest.Builder request(String path) {
        return as(tenant, path, Scope.OPERATE, Scope.AUTHOR, Scope.VIEW);
    }

    protected HttpRequest.Builder as(String otherTenant, String path, Scope... scopes) {
        String token = tokens.mint(new Caller(otherTenant, "tester", Set.of(scopes)));
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                .header("Authorization", "Bearer " + token);
    }

    protected HttpResponse<String> get(String path) throws Exception {
        return send(request(path));
    }

    protected HttpResponse<String> post(String path, String body) throws Exception {
        return send(request(path)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body)));
    }

    protected static HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
        return HTTP.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    protected static HttpResponse<byte[]> bytes(HttpRequest.Builder request) throws Exception {
        return HTTP.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
    }

    protected static JsonNode json(HttpResponse<String> answer) {
        return JsonMapper.shared().readTree(answer.body());
    }

    protected static void assertProblem(HttpResponse<String> answer, ProblemType type) {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(type.status());
        assertThat(json(answer).path("type").stringValue()).isEqualTo(type.uri().toString());
        assertThat(answer.body()).doesNotContain("Exception");
    }
}
