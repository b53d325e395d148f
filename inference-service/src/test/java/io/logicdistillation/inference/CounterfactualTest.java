package io.logicdistillation.inference;

import static org.assertj.core.api.Assertions.assertThat;

import io.logicdistillation.kit.Scope;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

class CounterfactualTest extends ServiceTest {
    private String id = "";

    @BeforeEach
    void decideOnce() {
        functionBase.finds("walk_on", "rest", "stumble");
        model.prefers("look_side", "walk_on", "rest", "look_away");
        id = decide().body().path("id").asString();
        model.requests().clear();
    }

    @Test
    void runsTheRunnersUpOfEveryStageWithoutAskingAModel() {
        Answer answer = ask(null);

        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        assertThat(answer.body().at("/output/move").asString()).isEqualTo("east");
        assertThat(answer.body().path("counterfactuals").size()).isEqualTo(3);
        JsonNode away = answer.body().at("/counterfactuals/0");
        assertThat(away.path("stage").asString()).isEqualTo("look");
        assertThat(away.path("function").asString()).isEqualTo("look_away");
        assertThat(away.path("instead").asString()).isEqualTo("look_side");
        assertThat(away.path("probability").asDouble()).isPositive();
        assertThat(away.path("same").asBoolean()).isFalse();
        assertThat(away.at("/output/move").asString()).isEqualTo("west");
        assertThat(away.path("stages").size()).isEqualTo(2);
        assertThat(away.at("/stages/1/function").asString()).isEqualTo("walk_on");
        assertThat(away.at("/stages/1/sameView").asBoolean()).isTrue();
        assertThat(model.requests()).isEmpty();
    }

    @Test
    void saysWhatFailed() {
        JsonNode stumble = ask("{\"stage\":\"move\"}").body().at("/counterfactuals/1");

        assertThat(stumble.path("function").asString()).isEqualTo("stumble");
        assertThat(stumble.path("cause").asString()).contains("I fell");
        assertThat(stumble.has("output")).isFalse();
        assertThat(stumble.path("same").asBoolean()).isFalse();
    }

    @Test
    void runsANamedFunctionThatWasNoCandidate() {
        functionBase.publish(TENANT, Maze.snapshot(7));

        Answer answer = ask("{\"stage\":\"move\",\"function\":\"fly\"}");

        assertThat(answer.body().path("counterfactuals").size()).isEqualTo(1);
        JsonNode fly = answer.body().at("/counterfactuals/0");
        assertThat(fly.has("probability")).isFalse();
        assertThat(fly.path("cause").asString()).contains("/move");
        assertThat(answer.body().path("snapshot").asString())
                .isEqualTo(Maze.snapshot(1).snapshot());
    }

    @Test
    void runsNoMoreRunnersUpThanAskedFor() {
        Answer answer = ask("{\"stage\":\"move\",\"runnersUp\":1}");

        assertThat(answer.body().path("counterfactuals").size()).isEqualTo(1);
        assertThat(answer.body().at("/counterfactuals/0/output/move").asString())
                .isEqualTo("stay");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {"stage":"sit"}                     | unknown-stage
            {"stage":"move","function":"sit"}   | unknown-function
            {"function":"rest"}                 | invalid-request
            {"stage":"move","runnersUp":0}      | invalid-request
            {"stage":"move","runnersUp":9}      | invalid-request
            {"mood":1}                          | invalid-request
            """)
    void refusesWhatCannotBe(String body, String problem) {
        assertThat(ask(body).problem()).isEqualTo(problem);
    }

    @Test
    void tellsAnotherTenantNothing() {
        assertThat(send(caller("rival", Scope.DECIDE), "POST", "/v1/decisions/" + id + "/counterfactuals", null)
                        .problem())
                .isEqualTo("unknown-decision");
    }

    private Answer ask(String body) {
        return post("/v1/decisions/" + id + "/counterfactuals", body);
    }
}
