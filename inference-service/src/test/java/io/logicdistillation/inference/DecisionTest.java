package io.logicdistillation.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.logicdistillation.inference.engine.Entry;
import io.logicdistillation.inference.engine.ScoringRequest;
import io.logicdistillation.inference.engine.Way;
import io.logicdistillation.kit.Scope;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.beans.factory.annotation.Autowired;
import tools.jackson.databind.JsonNode;

class DecisionTest extends ServiceTest {
    @Autowired
    private MeterRegistry meters;

    @Test
    void answersWithEveryStageItsCandidatesAndTheOutput() {
        model.prefers("look_side", "walk_on");
        String episode = UUID.randomUUID().toString();

        Answer answer = decide(Map.of("state", Maze.STATE, "episode", episode));

        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        JsonNode body = answer.body();
        assertThat(body.at("/output/move").asString()).isEqualTo("east");
        assertThat(body.at("/task").asString()).isEqualTo("maze");
        assertThat(body.at("/student").asString()).isEqualTo(student.id());
        assertThat(body.at("/snapshot").asString()).isEqualTo(Maze.snapshot(1).snapshot());
        assertThat(body.at("/episode").asString()).isEqualTo(episode);
        assertThat(body.has("state")).isFalse();
        JsonNode look = answer.stage(0);
        assertThat(look.path("view").asString()).isEqualTo("The goal is east.");
        assertThat(look.path("chosen").asString()).isEqualTo("look_side");
        assertThat(look.path("decidedBy").asString()).isEqualTo("student");
        assertThat(look.path("way").asString()).isEqualTo("reading");
        assertThat(look.path("reason").asString()).isEqualTo("Looks on which side the goal lies.");
        assertThat(look.at("/candidates/0/origin").asString()).isEqualTo("all");
        assertThat(look.path("candidates").size()).isEqualTo(2);
        assertThat(look.path("none").asDouble()).isEqualTo(0.05);
        JsonNode move = answer.stage(1);
        assertThat(move.path("view").asString()).isEqualTo(JSON.writeValueAsString(Maze.STATE));
        assertThat(move.path("candidates").size()).isEqualTo(3);
        assertThat(move.at("/candidates/0/origin").asString()).isEqualTo("retrieved");
        double sum = move.path("none").asDouble();
        for (JsonNode candidate : move.path("candidates")) {
            sum += candidate.path("probability").asDouble();
        }
        assertThat(sum).isBetween(0.999, 1.001);
        assertThat(body.at("/timings/totalMs").asDouble())
                .isGreaterThan(body.at("/timings/logMs").asDouble());
        assertThat(body.at("/timings/logMs").asDouble()).isPositive();
    }

    @Test
    void asksTheStudentWithThePromptItWasTrainedOn() {
        decide();

        ScoringRequest look = model.requests().getFirst();
        assertThat(look.prefix()).isEqualTo("I walk a corridor towards the goal.\nChoose how to look.\n");
        assertThat(look.view()).isEqualTo("The goal is east.");
        assertThat(look.entries()).extracting(entry -> entry.handle()).containsExactly("away", "look");
    }

    @Test
    void takesTheBestCandidateEvenIfNoneIsMoreProbable() {
        model.prefers("look_side", "walk_on");
        model.none(0.9);

        Answer answer = decide();

        assertThat(answer.stage(0).path("chosen").asString()).isEqualTo("look_side");
        assertThat(answer.stage(0).path("none").asDouble()).isEqualTo(0.9);
    }

    @Test
    void readsWhatIsNewAndSharesTheRestByRecall() {
        model.recalls("look_side");
        model.none(0.4);

        JsonNode look = decide().stage(0);

        assertThat(model.requests().getFirst().way()).isEqualTo(Way.READING);
        assertThat(model.requests().getFirst().joins()).isTrue();
        assertThat(model.requests().get(1).way()).isEqualTo(Way.RECALL);
        assertThat(model.requests().get(1).joins()).isFalse();
        assertThat(model.requests().get(1).entries()).extracting(Entry::name).containsExactly("look_side");
        assertThat(look.at("/candidates/0/probability").asDouble()).isCloseTo(0.6, within(1e-9));
        assertThat(look.at("/candidates/1/probability").asDouble()).isCloseTo(0.4 * 0.6, within(1e-9));
        assertThat(look.path("none").asDouble()).isCloseTo(0.4 * 0.4, within(1e-9));
        assertThat(look.path("way").asString()).isEqualTo("reading");
    }

    @Test
    void recallsAloneWhatItWasTrainedOn() {
        model.recalls("look_side", "look_away");

        assertThat(decide().stage(0).path("way").asString()).isEqualTo("recall");
        assertThat(model.requests().getFirst().entries()).hasSize(2);
    }

    @Test
    void nothingJoinsWhereAllIsNew() {
        assertThat(decide().stage(0).path("way").asString()).isEqualTo("reading");
        assertThat(model.requests()).noneMatch(ScoringRequest::joins);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {"state":                               | malformed-json      | 400
            [1]                                     | invalid-request     | 400
            {}                                      | invalid-request     | 400
            {"state":7}                             | invalid-request     | 400
            {"state":{"x":2,"goal":5},"mood":1}     | invalid-request     | 400
            {"state":{"x":2,"goal":5},"episode":"e"}| invalid-request     | 400
            {"state":{"x":2}}                       | invalid-state       | 422
            {"state":{"x":2,"goal":"far"}}          | invalid-state       | 422
            {"state":{"x":2,"goal":5},"snapshot":"sha256:00"} | unknown-snapshot | 404
            {"state":{"x":2,"goal":5},"student":"nobody"}     | unknown-student  | 404
            {"state":{"x":2,"goal":5},"choices":{"sit":"rest"}}     | unknown-stage    | 404
            {"state":{"x":2,"goal":5},"choices":{"move":"sit"}}     | unknown-function | 404
            """)
    void refusesBadInput(String body, String problem, int status) {
        Answer answer = post("/v1/tasks/maze/decisions", body);

        assertThat(answer.problem()).as(answer.text()).isEqualTo(problem);
        assertThat(answer.status()).isEqualTo(status);
        assertThat(answer.headers().get("content-type")).startsWith("application/problem+json");
        assertThat(answer.text()).doesNotContain("Exception").doesNotContain("at io.");
    }

    @Test
    void namesThePlaceWhereAStateFails() {
        Answer answer = decide(Map.of("state", Map.of("x", 2, "goal", 77)));

        assertThat(answer.body().path("pointer").asString()).isEqualTo("/goal");
        assertThat(answer.body().at("/errors/0/pointer").asString()).isEqualTo("/goal");
        assertThat(answer.body().at("/errors/0/message").asString()).contains("9");
    }

    @Test
    void refusesATaskThatDoesNotExist() {
        Answer answer = post("/v1/tasks/chess/decisions", "{\"state\":{}}");

        assertThat(answer.problem()).isEqualTo("unknown-task");
    }

    @Test
    void refusesACallerWithoutTheScope() {
        Answer answer = send(
                caller(TENANT, Scope.VIEW), "POST", "/v1/tasks/maze/decisions", "{\"state\":{\"x\":2,\"goal\":5}}");

        assertThat(answer.status()).isEqualTo(403);
    }

    @Test
    void refusesABodyOverOneMegabyte() {
        Answer answer = post("/v1/tasks/maze/decisions", "{\"state\":\"" + "x".repeat(1_100_000) + "\"}");

        assertThat(answer.problem()).isEqualTo("too-large");
    }

    @Test
    void takesTheNextMostProbableFunctionWhenOneThrows() {
        model.prefers("look_side", "stumble", "walk_on");

        Answer answer = decide();

        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        assertThat(answer.stage(1).path("chosen").asString()).isEqualTo("walk_on");
        assertThat(answer.stage(1).path("decidedBy").asString()).isEqualTo("runner-up");
        assertThat(answer.stage(1).path("reason").asString())
                .contains("'stumble'")
                .contains("I fell");
    }

    @Test
    void showsAFunctionOnceThatTheSearchNamesTwice() {
        functionBase.finds("walk_on", "walk_on", "rest");
        model.prefers("look_side", "walk_on");

        Answer answer = decide();

        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        assertThat(answer.stage(1).path("candidates").findValuesAsString("function"))
                .containsExactlyInAnyOrder("walk_on", "rest");
    }

    @Test
    void takesTheNextMostProbableFunctionWhenAnOutputBreaksTheSchema() {
        functionBase.finds("fly", "walk_on", "rest");
        model.prefers("look_side", "fly", "rest");

        Answer answer = decide();

        assertThat(answer.stage(1).path("chosen").asString()).isEqualTo("rest");
        assertThat(answer.stage(1).path("reason").asString()).contains("'fly'").contains("/move");
    }

    @Test
    void stopsAFunctionThatLoopsAndGoesOn() {
        functionBase.finds("spin", "walk_on", "rest");
        model.prefers("look_side", "spin", "walk_on");
        long start = System.nanoTime();
        Counter stopped = meters.counter("sandbox.failures", "cause", "timeout");
        Counter threw = meters.counter("sandbox.failures", "cause", "threw");
        double stoppedBefore = stopped.count();
        double threwBefore = threw.count();

        Answer answer = decide();

        assertThat(answer.stage(1).path("chosen").asString()).as(answer.text()).isEqualTo("walk_on");
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(10));
        assertThat(stopped.count() - stoppedBefore).isEqualTo(1);
        assertThat(threw.count() - threwBefore).isZero();
    }

    @Test
    void namesFunctionAndCauseWhenEveryFunctionFails() {
        functionBase.finds("stumble", "fly", "spin");
        model.prefers("look_side", "stumble", "fly");

        Answer answer = decide();

        assertThat(answer.status()).isEqualTo(422);
        assertThat(answer.problem()).isEqualTo("function-failed");
        assertThat(answer.body().path("function").asString()).isEqualTo("stumble");
        assertThat(answer.body().path("cause").asString()).contains("I fell");
        assertThat(answer.body().path("stage").asString()).isEqualTo("move");
        assertThat(answer.body().path("failures").size()).isEqualTo(3);
    }

    @Test
    void saysSoWhenTheViewFails() {
        Answer answer = decide(Map.of("state", Map.of("x", 2, "goal", 5, "note", "blind")));

        assertThat(answer.problem()).isEqualTo("function-failed");
        assertThat(answer.body().path("detail").asString()).contains("view").contains("I see nothing");
    }

    @Test
    void runsWhatTheCallerImposesWithoutAskingAModel() {
        Answer answer = decide(Map.of("state", Maze.STATE, "choices", Map.of("look", "look_away", "move", "walk_on")));

        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        assertThat(answer.body().at("/output/move").asString()).isEqualTo("west");
        assertThat(answer.body().path("student").asString()).isEqualTo("none");
        assertThat(answer.stage(0).path("decidedBy").asString()).isEqualTo("rule");
        assertThat(answer.stage(0).has("way")).isFalse();
        assertThat(answer.stage(0).has("none")).isFalse();
        assertThat(answer.stage(0).at("/candidates/0").has("probability")).isFalse();
        assertThat(model.requests()).isEmpty();
    }

    @Test
    void pinsAnImposedFunctionThatTheSearchMissed() {
        functionBase.finds("stumble", "fly", "spin");

        Answer answer = decide(Map.of("state", Maze.STATE, "choices", Map.of("look", "look_side", "move", "rest")));

        assertThat(answer.stage(1).path("chosen").asString()).isEqualTo("rest");
        assertThat(answer.stage(1).at("/candidates/0/function").asString()).isEqualTo("rest");
        assertThat(answer.stage(1).at("/candidates/0/origin").asString()).isEqualTo("pinned");
        assertThat(answer.stage(1).path("candidates").size()).isEqualTo(4);
    }

    @Test
    void offersPinnedFunctionsBesideWhateverTheSearchFinds() {
        functionBase.publish(
                "warden", Maze.snapshot(7, Maze.pinned("climb", "move", "climb", "Climbs.", "return {move: 'stay'};")));
        registry.add("warden", Maze.NAME, "untuned", "untuned");
        functionBase.finds("rest", "climb", "spin");
        model.prefers("climb");

        Answer answer = send(
                caller("warden", Scope.DECIDE), "POST", "/v1/tasks/maze/decisions", "{\"state\":{\"x\":2,\"goal\":5}}");

        JsonNode move = answer.stage(1);
        assertThat(move.path("chosen").asString()).isEqualTo("climb");
        assertThat(move.path("candidates").size()).isEqualTo(3);
        assertThat(move.at("/candidates/0/origin").asString()).isEqualTo("pinned");
        assertThat(move.at("/candidates/1/origin").asString()).isEqualTo("retrieved");
    }

    @Test
    void failsAnImposedFunctionWithoutTryingAnother() {
        Answer answer = decide(Map.of("state", Maze.STATE, "choices", Map.of("look", "look_side", "move", "stumble")));

        assertThat(answer.problem()).isEqualTo("function-failed");
        assertThat(answer.body().path("failures").size()).isEqualTo(1);
    }

    @Test
    void asksTheStudentForTheStagesThatTheCallerLeavesOpen() {
        model.prefers("rest");

        Answer answer = decide(Map.of("state", Maze.STATE, "choices", Map.of("look", "look_side")));

        assertThat(answer.stage(0).path("decidedBy").asString()).isEqualTo("rule");
        assertThat(answer.stage(1).path("decidedBy").asString()).isEqualTo("student");
        assertThat(answer.body().path("student").asString()).isEqualTo(student.id());
        assertThat(model.requests()).hasSize(1);
    }

    @Test
    void answers503WhenTheModelGivesNoNumbers() {
        model.breaks(true);

        Answer answer = decide();

        assertThat(answer.problem()).isEqualTo("unavailable");
        assertThat(answer.headers()).containsKey("retry-after");
    }

    @Test
    void keepsTheCallersDeadline() {
        functionBase.finds("stumble", "fly", "spin");
        model.prefers("spin", "look_side");

        Answer answer = decide(Map.of("state", Maze.STATE), "X-Deadline-Ms", "60");

        assertThat(answer.problem()).isEqualTo("upstream-timeout");
        assertThat(decide(Map.of("state", Maze.STATE), "X-Deadline-Ms", "soon").status())
                .isEqualTo(400);
    }

    @Test
    void measuresEveryStep() {
        decide();

        Answer metrics = get("/actuator/prometheus");

        assertThat(metrics.status()).isEqualTo(200);
        for (String step : List.of("retrieve", "prefill", "execute", "log", "total")) {
            assertThat(metrics.text()).contains("decision_step_seconds_count{step=\"" + step + "\"");
        }
    }
}
