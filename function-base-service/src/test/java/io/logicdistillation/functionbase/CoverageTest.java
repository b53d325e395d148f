package io.logicdistillation.functionbase;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.logicdistillation.contracts.FunctionDefinition;
import io.logicdistillation.contracts.FunctionTest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import tools.jackson.databind.JsonNode;

/** Functions that nobody needs, by the log and by what they do. */
class CoverageTest extends ServiceTest {
    private static final String COVERAGE = "/v1/tasks/weather/snapshots/active/coverage";
    private static final AtomicReference<List<Map<String, Object>>> COUNTS = new AtomicReference<>();
    private static final AtomicReference<String> ASKED = new AtomicReference<>();
    private static final HttpServer LOG = log();

    @DynamicPropertySource
    static void inference(DynamicPropertyRegistry properties) {
        properties.add(
                "platform.inference-url",
                () -> "http://127.0.0.1:" + LOG.getAddress().getPort());
    }

    /** The inference service's counts over real HTTP; without counts it fails. */
    private static HttpServer log() {
        try {
            HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
            server.createContext("/v1/tasks/weather/function-coverage", exchange -> {
                ASKED.set(exchange.getRequestURI().getQuery());
                List<Map<String, Object>> counts = COUNTS.get();
                byte[] body = Client.JSON.writeValueAsBytes(Map.of(
                        "snapshot",
                        "sha256:1",
                        "from",
                        "2026-11-01T00:00:00Z",
                        "to",
                        "2026-11-29T00:00:00Z",
                        "functions",
                        counts == null ? List.of() : counts));
                exchange.getResponseHeaders().set("Content-Type", "application/json");
                exchange.sendResponseHeaders(counts == null ? 500 : 200, body.length);
                exchange.getResponseBody().write(body);
                exchange.close();
            });
            server.start();
            return server;
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    @AfterAll
    static void stop() {
        LOG.stop(0);
    }

    @BeforeEach
    void publishedTask() {
        COUNTS.set(null);
        author.createTask(ToyTask.task());
        Client.Answer admitted = author.admit(
                ToyTask.mood("soaked", "wet", "wet"),
                ToyTask.mood("parched", "dry", "dry"),
                advice("umbrella", "true", "umbrella"),
                advice("brolly", null, "umbrella"),
                advice("shirt", "state.degrees > 0", "shirt"),
                advice("tee", "state.degrees >= 0", "shirt"),
                advice("coat", "state.degrees < 0", "coat"),
                advice("jacket", "state.degrees < 0", "jacket"));
        assertThat(admitted.status()).as(admitted.response().body()).isEqualTo(201);
        assertThat(author.publish().status()).isEqualTo(201);
    }

    /** @param applies absent for a function that does not say for which states it is */
    private static FunctionDefinition advice(String name, String applies, String output) {
        String condition = applies == null ? "" : "function applies(state) { return " + applies + "; } ";
        return new FunctionDefinition(
                name,
                "advice",
                name,
                "Use it for " + name + ".",
                "javascript",
                condition + "function run(state) { return {advice: '" + output + "'}; }",
                List.of(new FunctionTest(
                        Map.of("sky", "grey", "degrees", name.equals("coat") || name.equals("jacket") ? -1 : 1),
                        Map.of("mood", Map.of("mood", "dry")),
                        Map.of("advice", output))));
    }

    @Test
    void showsFunctionsThatAreForTheSameStatesAndGiveTheSameThoughTheLogIsAway() {
        JsonNode coverage = author.get(COVERAGE + "?states=80").json();

        assertThat(coverage.at("/use/unavailable").asString()).isNotEmpty();
        assertThat(of(coverage, "coat").has("candidate")).isFalse();
        assertThat(of(coverage, "coat").has("finding")).isFalse();
        assertThat(coverage.get("suggestions").findValuesAsString("cause")).containsOnly("overlapping");

        assertThat(pairs(coverage)).containsExactlyInAnyOrder("brolly umbrella", "shirt tee");
        JsonNode both = coverage.at("/overlaps/0");
        assertThat(both.get("alike")).isEqualTo(both.get("together"));
        assertThat(both.get("together").asInt()).isGreaterThanOrEqualTo(10);
        JsonNode stage = coverage.at("/stages/1");
        assertThat(stage.get("compared").asInt()).isEqualTo(6);
        assertThat(stage.get("states").asInt()).isBetween(10, 80);
        int cold = of(coverage, "coat").get("applies").asInt();
        int warm = of(coverage, "tee").get("applies").asInt();
        assertThat(cold).isPositive();
        assertThat(warm).isPositive();
        assertThat(cold + warm)
                .isLessThan(of(coverage, "umbrella").get("applies").asInt());
        assertThat(pairs(author.get(COVERAGE + "?states=80").json())).isEqualTo(pairs(coverage));
    }

    @Test
    void suggestsToKeepTheOneThatIsChosenMore() {
        counts("umbrella", 30, 4, "brolly", 30, 9, "shirt", 12, 3, "tee", 12, 2);
        JsonNode suggestions = author.get(COVERAGE + "?states=80").json().get("suggestions");

        assertThat(suggestions.findValuesAsString("function")).contains("umbrella", "tee");
        JsonNode umbrella = suggested(suggestions, "umbrella");
        assertThat(umbrella.get("cause").asString()).isEqualTo("overlapping");
        assertThat(umbrella.get("keep").asString()).isEqualTo("brolly");
        assertThat(suggestions.findValuesAsString("function")).doesNotContain("brolly", "shirt");
    }

    @Test
    void showsFunctionsThatAreNeverFoundAndThatAlwaysLose() {
        counts("umbrella", 90, 80, "coat", 40, 0, "shirt", 5, 0, "brolly", 1, 1);
        JsonNode coverage =
                author.get(COVERAGE + "?states=80&from=2026-11-01T00:00:00Z").json();

        assertThat(of(coverage, "jacket").get("finding").asString()).isEqualTo("never-retrieved");
        assertThat(of(coverage, "shirt").get("finding").asString()).isEqualTo("never-chosen");
        assertThat(of(coverage, "coat").get("finding").asString()).isEqualTo("always-losing");
        assertThat(of(coverage, "umbrella").has("finding")).isFalse();
        assertThat(of(coverage, "coat").get("candidate").asInt()).isEqualTo(40);
        // Nothing is known of a stage that was not decided.
        assertThat(of(coverage, "soaked").has("finding")).isFalse();
        JsonNode suggestions = coverage.get("suggestions");
        assertThat(suggested(suggestions, "coat").get("cause").asString()).isEqualTo("always-losing");
        assertThat(suggested(suggestions, "jacket").get("cause").asString()).isEqualTo("never-retrieved");
        assertThat(ASKED.get()).startsWith("snapshot=sha256:").contains("from=2026-11-01T00:00:00Z");
    }

    @Test
    void refusesWhatItCanNotLookAt() {
        assertThat(author.get(COVERAGE + "?states=1001").problem()).isEqualTo("invalid-request");
        assertThat(author.get(COVERAGE + "?states=many").problem()).isEqualTo("invalid-request");
        assertThat(author.get(COVERAGE + "?from=yesterday").problem()).isEqualTo("invalid-request");
        assertThat(author.get(COVERAGE + "?from=2026-11-02T00:00:00Z&to=2026-11-01T00:00:00Z")
                        .problem())
                .isEqualTo("invalid-request");
        assertThat(author.get("/v1/tasks/weather/snapshots/none/coverage").problem())
                .isEqualTo("unknown-snapshot");
        assertThat(author.get("/v1/tasks/none/snapshots/active/coverage").problem())
                .isEqualTo("unknown-task");
        assertThat(stranger().get(COVERAGE).problem()).isEqualTo("unknown-task");
        assertThat(reader().get(COVERAGE + "?states=0").json().get("overlaps")).isEmpty();
    }

    /** @param counts name, candidate and chosen in turn */
    private void counts(Object... counts) {
        JsonNode functions =
                author.get("/v1/tasks/weather/snapshots/active").json().get("functions");
        Map<String, String> versions = new HashMap<>();
        functions.forEach(function -> versions.put(
                function.get("name").asString(), function.get("version").asString()));
        List<Map<String, Object>> counted = new ArrayList<>();
        for (int at = 0; at < counts.length; at += 3) {
            String name = (String) counts[at];
            counted.add(Map.of(
                    "stage",
                    "advice",
                    "function",
                    name,
                    "version",
                    versions.get(name),
                    "candidate",
                    counts[at + 1],
                    "chosen",
                    counts[at + 2]));
        }
        COUNTS.set(counted);
    }

    private static List<String> pairs(JsonNode coverage) {
        List<String> pairs = new ArrayList<>();
        coverage.get("overlaps")
                .forEach(overlap -> pairs.add(overlap.get("one").asString() + " "
                        + overlap.get("other").asString()));
        return pairs;
    }

    private static JsonNode of(JsonNode coverage, String function) {
        return suggested(coverage.get("functions"), function);
    }

    private static JsonNode suggested(JsonNode list, String function) {
        for (JsonNode each : list) {
            if (each.get("function").asString().equals(function)) {
                return each;
            }
        }
        throw new AssertionError(function + " is not in " + list);
    }
}
