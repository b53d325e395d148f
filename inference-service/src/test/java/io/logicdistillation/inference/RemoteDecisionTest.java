package io.logicdistillation.inference;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static org.assertj.core.api.Assertions.assertThat;

import io.logicdistillation.contracts.Student;
import io.logicdistillation.inference.remote.PlayedCompletions;
import io.logicdistillation.inference.remote.PlayedServer;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import tools.jackson.databind.JsonNode;

/** Decisions whose student is served elsewhere. */
@DirtiesContext
class RemoteDecisionTest extends ServiceTest {
    private static final PlayedServer server = new PlayedServer();
    private static Student strict;

    @DynamicPropertySource
    static void engines(DynamicPropertyRegistry properties) {
        engine(properties, "fleet", "walker", "in-process");
        engine(properties, "strict", "strict-walker", "refuse");
    }

    private static void engine(DynamicPropertyRegistry properties, String name, String student, String otherwise) {
        String engine = "inference.remote.engines." + name + ".";
        properties.add(engine + "speaks", () -> "completions");
        properties.add(engine + "url", server::url);
        properties.add(engine + "model", () -> "lora");
        properties.add(engine + "students", () -> student);
        properties.add(engine + "otherwise", () -> otherwise);
        properties.add(engine + "allow-private-addresses", () -> "true");
        properties.add(engine + "timeout", () -> "10s");
        properties.add(engine + "attempts", () -> "1");
        // What one test breaks must not keep the next one from asking.
        properties.add(engine + "pause", () -> "1ms");
    }

    @BeforeEach
    void well() {
        if (strict == null) {
            strict = registry.add(TENANT, Maze.NAME, "strict-walker", "ld");
        }
        server.answers(request -> PlayedCompletions.answer(
                JSON.readTree(request), "lora", Map.of("look_side", 4.0, "rest", 3.0, "walk_on", 1.0)));
    }

    private Answer decideStrictly(String... headers) {
        return decide(Map.of("state", Maze.STATE, "student", strict.id()), headers);
    }

    @Test
    void decidesByTheServersScoresAndSaysWhoseTheyAre() {
        Answer answer = decide();

        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        JsonNode logged =
                get("/v1/decisions/" + answer.body().path("id").asString()).body();
        for (JsonNode stages : new JsonNode[] {answer.body().path("stages"), logged.path("stages")}) {
            assertThat(stages.get(0).path("chosen").asString()).isEqualTo("look_side");
            assertThat(stages.get(1).path("chosen").asString()).isEqualTo("rest");
            for (JsonNode stage : stages) {
                assertThat(stage.path("engine").asString()).isEqualTo("fleet");
                assertThat(stage.path("way").asString()).isEqualTo("reading");
                assertThat(stage.path("decidedBy").asString()).isEqualTo("student");
            }
        }
        assertThat(answer.body().path("student").asString()).isEqualTo(student.id());
        assertThat(answer.body().at("/timings/prefillMs").asDouble()).isPositive();
        assertThat(model.requests()).isEmpty();
    }

    @Test
    void decidesHereWhereTheServerIsGone() {
        server.says(aResponse().withStatus(503));
        model.prefers("look_side", "walk_on");
        model.recalls("walk_on", "rest", "stumble");

        Answer answer = decide();

        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        assertThat(answer.stage(0).path("engine").asString()).isEqualTo("in-process");
        assertThat(answer.stage(0).path("way").asString()).isEqualTo("reading");
        assertThat(answer.stage(1).path("chosen").asString()).isEqualTo("walk_on");
        assertThat(answer.stage(1).path("way").asString()).isEqualTo("recall");
    }

    @Test
    void refusesWhereTheServerIsGoneAndNobodyIsToTakeItsPlace() {
        server.says(aResponse().withStatus(503));

        Answer answer = decideStrictly();

        assertThat(answer.status()).as(answer.text()).isEqualTo(503);
        assertThat(answer.problem()).isEqualTo("unavailable");
        assertThat(answer.body().path("detail").asString()).contains("'strict' is overloaded");
        assertThat(answer.headers()).containsKey("retry-after");
        assertThat(model.requests()).isEmpty();
    }

    @Test
    void holdsTheDeadlineWhileTheServerIsSilent() {
        server.says(aResponse().withFixedDelay(15_000));
        long start = System.nanoTime();

        Answer answer = decideStrictly("X-Deadline-Ms", "1500");

        assertThat(answer.status()).as(answer.text()).isEqualTo(504);
        assertThat(answer.problem()).isEqualTo("upstream-timeout");
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(8));
    }

    @Test
    void saysThatTheStateIsTooLongForTheServersModel() {
        server.says(aResponse().withStatus(413));

        Answer answer = decideStrictly();

        assertThat(answer.status()).as(answer.text()).isEqualTo(422);
        assertThat(answer.problem()).isEqualTo("invalid-state");
    }

    @Test
    void imposedChoicesAskNoServer() {
        int before = server.requests().size();

        Answer answer = decide(Map.of("state", Maze.STATE, "choices", Map.of("look", "look_side", "move", "rest")));

        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        assertThat(answer.stage(0).has("engine")).isFalse();
        assertThat(server.requests()).hasSize(before);
    }

    @Test
    void answersQuestionsByTheServerToo() {
        server.answers(request -> PlayedCompletions.answer(
                JSON.readTree(request), "lora", Map.of("yes", request.contains("N/A") ? 1.0 : 3.0)));

        Answer answer = post("/v1/systemone", """
                {"model": "walker", "state": "Charged twice.", "questions": {"refund": {"type": "noul", "instructions": "Money back?"}}}""");

        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        assertThat(answer.body().path("x_engine").asString()).isEqualTo("fleet");
        assertThat(answer.body().at("/answers/refund/noul").asDouble()).isBetween(0.88, 0.8808);
    }

    @Test
    void measuresWhatTheServerDid() {
        decide();

        assertThat(get("/actuator/prometheus").text())
                .contains("remote_engine_seconds_count{engine=\"fleet\",outcome=\"answered\"");
    }
}
