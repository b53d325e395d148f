package io.logicdistillation.functionbase;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.logicdistillation.contracts.Decision;
import io.logicdistillation.contracts.FunctionDefinition;
import io.logicdistillation.contracts.Page;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import tools.jackson.databind.JsonNode;

class EmergencyTest extends ServiceTest {
    private static final String EMERGENCIES = "/v1/tasks/weather/emergencies";
    private static final String ACTIVE = "/v1/tasks/weather/snapshots/active";
    private static final HttpServer LOG = log();

    @DynamicPropertySource
    static void inference(DynamicPropertyRegistry properties) {
        properties.add(
                "platform.inference-url",
                () -> "http://127.0.0.1:" + LOG.getAddress().getPort());
    }

    /** The inference service's log over real HTTP: one decision under ashes, one in the sun. */
    private static HttpServer log() {
        try {
            HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
            server.createContext("/v1/tasks/weather/decisions", exchange -> {
                boolean known =
                        exchange.getRequestHeaders().getFirst("Authorization").startsWith("Bearer ey");
                byte[] body = Client.JSON.writeValueAsBytes(
                        new Page<>(List.of(decision("ashes falling"), decision("sunshine")), null));
                exchange.getResponseHeaders().set("Content-Type", "application/json");
                exchange.sendResponseHeaders(known ? 200 : 401, body.length);
                exchange.getResponseBody().write(body);
                exchange.close();
            });
            server.start();
            return server;
        } catch (IOException failure) {
            throw new java.io.UncheckedIOException(failure);
        }
    }

    private static Decision decision(String sky) {
        return new Decision(
                "0193e5a0-0000-7000-8000-000000000001",
                "weather",
                "sha256:" + "0".repeat(64),
                "sha256:" + "1".repeat(64),
                null,
                Instant.parse("2026-11-23T12:00:00Z"),
                Map.of("sky", sky),
                Map.of("advice", "umbrella"),
                List.of(
                        stage("mood", "soaked", Map.of("mood", "wet")),
                        stage("advice", "umbrella", Map.of("advice", "umbrella"))),
                new Decision.Timings(0, 0, 0, 0, 1),
                null,
                null);
    }

    private static Decision.Stage stage(String stage, String chosen, Object output) {
        return new Decision.Stage(
                stage,
                "words",
                List.of(),
                null,
                chosen,
                Decision.DecidedBy.STUDENT,
                null,
                null,
                "reason",
                output,
                null,
                null);
    }

    @AfterAll
    static void stop() {
        LOG.stop(0);
    }

    @BeforeEach
    void publishedTask() {
        author.createTask(ToyTask.task());
        author.admit(ToyTask.functions());
        assertThat(author.publish().status()).isEqualTo(201);
    }

    private static Map<String, Object> volcano() {
        FunctionDefinition mask = ToyTask.advice("mask", "mask", "Wear a mask when ashes fall.");
        Map<String, Object> request = new HashMap<>();
        request.put("situation", "The volcano has broken out.");
        request.put("stage", "advice");
        request.put("function", mask);
        request.put("applies", "function applies(state) { return state.sky.includes('ashes'); }");
        request.put("examples", List.of(Map.of("state", Map.of("sky", "ashes everywhere"))));
        request.put("preview", Map.of("generated", 60));
        return request;
    }

    @Test
    void aPreviewShowsWhatWouldChangeAndStoresNothing() {
        JsonNode before = author.get(ACTIVE).json();
        Client.Answer answer = author.post(EMERGENCIES + "?preview=true", volcano());
        assertThat(answer.status()).as(answer.response().body()).isEqualTo(200);
        JsonNode logged = answer.json().get("logged");
        assertThat(logged.get("considered").asInt()).isEqualTo(2);
        assertThat(logged.get("applies").asInt()).isEqualTo(1);
        assertThat(logged.get("changed").asInt()).isEqualTo(1);
        assertThat(logged.at("/changes/0/chosen").asString()).isEqualTo("umbrella");
        assertThat(logged.at("/changes/0/to/advice").asString()).isEqualTo("mask");
        assertThat(answer.json().at("/generated/found").asInt()).isEqualTo(60);
        assertThat(author.get(ACTIVE).json()).isEqualTo(before);
        assertThat(author.get(EMERGENCIES).json().get("items")).isEmpty();
        assertThat(author.get("/v1/tasks/weather/functions/mask").problem()).isEqualTo("unknown-function");
    }

    @Test
    void theAnswerIsPinnedAndActiveAtOnceAndRemovedAgain() {
        String before = author.get(ACTIVE).json().get("snapshot").asString();
        author.admit(ToyTask.advice("parasol", "shade", "Not released yet."));
        Client.Answer pinned = author.post(EMERGENCIES, volcano());
        assertThat(pinned.status()).as(pinned.response().body()).isEqualTo(202);
        assertThat(pinned.json().get("status").asString()).isEqualTo("active");
        JsonNode active = author.get(ACTIVE).json();
        assertThat(active.get("snapshot")).isEqualTo(pinned.json().get("snapshot"));
        assertThat(active.get("functions").findValuesAsString("name"))
                .hasSize(8)
                .contains("mask")
                .doesNotContain("parasol");
        assertThat(active.toString()).contains("\"pinned\":true");
        String address = pinned.header("Location");
        assertThat(reader().get(address).json()).isEqualTo(pinned.json());
        assertThat(author.post(EMERGENCIES, volcano()).problem()).isEqualTo("conflict");

        assertThat(author.delete(address).json().get("status").asString()).isEqualTo("removed");
        assertThat(author.get(ACTIVE).json().get("snapshot").asString()).isEqualTo(before);
        assertThat(author.delete(address).status()).isEqualTo(200);
        assertThat(author.get("/v1/tasks/weather/audit").response().body())
                .contains("emergency-pinned", "emergency-removed");
    }

    @Test
    void anEmergencyEndsWhenItsTimeIsOver() throws InterruptedException {
        String before = author.get(ACTIVE).json().get("snapshot").asString();
        Map<String, Object> request = volcano();
        request.put("expiresAt", Instant.now().plusSeconds(3).toString());
        String address = author.post(EMERGENCIES, request).header("Location");
        Instant patience = Instant.now().plusSeconds(30);
        while (!author.get(address).json().get("status").asString().equals("expired")
                && Instant.now().isBefore(patience)) {
            Thread.sleep(100);
        }
        assertThat(author.get(address).json().get("endedBy").asString()).isEqualTo("function-base-service");
        assertThat(author.get(ACTIVE).json().get("snapshot").asString()).isEqualTo(before);
    }

    @Test
    void whatDoesNotAnswerTheSituationIsRefusedAndNothingIsStored() {
        refuses("applies", "function applies() { return false; }", "invalid-function");
        refuses("applies", "function applies() { return 'yes'; }", "invalid-function");
        refuses("examples", List.of(Map.of("state", Map.of("sky", 7))), "invalid-state");
        refuses("examples", List.of(Map.of()), "invalid-request");
        refuses("situation", " ", "invalid-request");
        refuses("stage", "mood", "invalid-request");
        refuses("expiresAt", "2020-01-01T00:00:00Z", "invalid-request");
        refuses("preview", Map.of("generated", 100_000), "invalid-request");
        refuses("function", ToyTask.advice("mask", "kite", "A handle that is taken."), "conflict");
        refuses("function", ToyTask.advice("mask", "mask", "Wrong.", "while (true) {}"), "invalid-function");
        Map<String, Object> bare = volcano();
        bare.remove("function");
        assertThat(author.post(EMERGENCIES, bare).problem()).isEqualTo("invalid-request");
        bare.remove("applies");
        assertThat(author.post(EMERGENCIES, bare).json().get("cause").asString())
                .isEqualTo("not-configured");
        assertThat(reader().post(EMERGENCIES, volcano()).problem()).isEqualTo("forbidden");
        assertThat(stranger().post(EMERGENCIES, volcano()).problem()).isEqualTo("unknown-task");
        assertThat(author.get(EMERGENCIES + "/none").problem()).isEqualTo("not-found");
        assertThat(author.get(EMERGENCIES).json().get("items")).isEmpty();
        assertThat(author.get("/v1/tasks/weather/snapshots").json().get("items"))
                .hasSize(1);
    }

    private void refuses(String member, Object value, String problem) {
        Map<String, Object> request = volcano();
        request.put(member, value);
        Client.Answer answer = author.post(EMERGENCIES, request);
        assertThat(answer.problem()).as(member + answer.response().body()).isEqualTo(problem);
    }
}
