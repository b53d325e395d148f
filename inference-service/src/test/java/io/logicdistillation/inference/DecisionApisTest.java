package io.logicdistillation.inference;

import static org.assertj.core.api.Assertions.assertThat;

import io.logicdistillation.contracts.Student;
import io.logicdistillation.kit.Scope;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Both decision APIs over HTTP, with a played model. */
class DecisionApisTest extends ServiceTest {
    private static Student untuned;

    private static final String CHOICE = """
            {"model": "jev-latest", "state": {"amount": 9.50}, "questions": {"fn": {"type": "choice",
             "instructions": "Which function?", "criteria": {"refund": "when money is asked for", "환불 🙂": null}}}}""";

    @BeforeEach
    void generalStudent() {
        if (untuned == null) {
            untuned = registry.add(TENANT, "other", "untuned", "untuned");
        }
    }

    @Test
    void answersSystemOne() {
        model.prefers("환불 🙂", "refund");
        Answer answer = post("/v1/systemone", CHOICE, "X-Request-Id", "r-1");
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        assertThat(answer.headers()).containsEntry("x-typesafe-request-id", "r-1");
        JsonNode fn = answer.body().at("/answers/fn");
        assertThat(fn.path("choice").asString()).isEqualTo("환불 🙂");
        assertThat(fn.path("probabilities").propertyNames()).containsExactly("refund", "환불 🙂");
        assertThat(fn.at("/probabilities/refund").doubleValue()
                        + fn.path("probabilities").path("환불 🙂").doubleValue())
                .isBetween(1 - 1e-9, 1 + 1e-9);
        assertThat(fn.path("x_none").doubleValue()).isBetween(0.04, 0.06);
        assertThat(answer.body().path("model").asString()).isEqualTo("untuned");
        assertThat(answer.body().path("x_student").asString()).isEqualTo(untuned.id());
        assertThat(answer.body().at("/usage/input_tokens").intValue()).isEqualTo(140);
        assertThat(model.requests().getFirst().context()).isEqualTo("amount: 9.50\n");
    }

    @Test
    void answersEveryTypeOfQuestionAtOnce() {
        Answer answer = post("/v1/systemone", """
                {"model": "tiny", "state": ["a", "b"], "questions": {
                  "🎯": {"type": "noul", "criteria": {"true": {"examples": ["refund me"]}, "false": "anything else"}},
                  "anger": {"type": "score", "instructions": {"scale": "anger"}, "criteria": ["Calm", {"label": "Angry"}]}},
                 "seed": 7}""");
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        assertThat(answer.body().at("/answers/🎯/noul").doubleValue()).isBetween(0.0, 1.0);
        JsonNode anger = answer.body().at("/answers/anger");
        assertThat(anger.at("/legend/1/label").asString()).isEqualTo("Angry");
        assertThat(anger.path("score").doubleValue())
                .isEqualTo(anger.at("/probabilities/1").doubleValue());
        assertThat(anger.path("confidence").isNumber()).isTrue();
    }

    @Test
    void findsAStudentByNameAndById() {
        for (String name : List.of("walker", student.id())) {
            Answer answer = post("/v1/systemone", CHOICE.replace("jev-latest", name));
            assertThat(answer.status()).as(answer.text()).isEqualTo(200);
            assertThat(answer.body().path("x_student").asString()).isEqualTo(student.id());
        }
    }

    @Test
    void anAliasMeansTheGeneralStudentOfATenantThatHasOne() {
        Student general = registry.add("learned", "general", "general", "general");
        registry.add("learned", "other", "untuned", "untuned");

        Answer answer = send(caller("learned", Scope.DECIDE), "POST", "/v1/systemone", CHOICE);

        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        assertThat(answer.body().path("model").asString()).isEqualTo("general");
        assertThat(answer.body().path("x_student").asString()).isEqualTo(general.id());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"model\": ",
                "[]",
                "{\"questions\": {\"q\": {\"type\": \"noul\", \"instructions\": \"?\"}}}",
                "{\"state\": null, \"questions\": {\"q\": {\"type\": \"noul\", \"instructions\": \"?\"}}}",
                "{\"state\": 3, \"questions\": {\"q\": {\"type\": \"noul\", \"instructions\": \"?\"}}}",
                "{\"state\": \"x\"}",
                "{\"state\": \"x\", \"questions\": {}}",
                "{\"state\": \"x\", \"questions\": []}",
                "{\"state\": \"x\", \"questions\": {\"q\": 1}}",
                "{\"state\": \"x\", \"questions\": {\"\": {\"type\": \"noul\", \"instructions\": \"?\"}}}",
                "{\"state\": \"x\", \"questions\": {\"q\": {\"instructions\": \"?\"}}}",
                "{\"state\": \"x\", \"questions\": {\"q\": {\"type\": \"box\"}}}",
                "{\"state\": \"x\", \"questions\": {\"q\": {\"type\": \"noul\"}}}",
                "{\"state\": \"x\", \"questions\": {\"q\": {\"type\": \"choice\", \"criteria\": {}}}}",
                "{\"state\": \"x\", \"questions\": {\"q\": {\"type\": \"choice\", \"criteria\": {\"a\": 1, \"b\": null}}}}",
                "{\"state\": \"x\", \"questions\": {\"q\": {\"type\": \"score\", \"criteria\": {\"0\": \"a\", \"1\": \"b\"}}}}",
                "{\"state\": \"x\", \"questions\": {\"q\": {\"type\": \"score\", \"criteria\": [\"a\", null]}}}",
                "{\"state\": \"\\ud800\", \"questions\": {\"q\": {\"type\": \"noul\", \"instructions\": \"?\"}}}",
                "{\"state\": \"x\", \"assets\": {\"i\": {}}, \"questions\": {\"q\": {\"type\": \"noul\", \"instructions\": \"?\"}}}"
            })
    void saysWhereASystemOneBodyIsInvalid(String body) {
        Answer answer = post("/v1/systemone", body);
        assertThat(answer.status()).as(answer.text()).isEqualTo(422);
        JsonNode detail = answer.body().at("/detail/0");
        assertThat(detail.at("/loc/0").asString()).isEqualTo("body");
        assertThat(detail.path("msg").isString()).isTrue();
        assertThat(detail.path("type").isString()).isTrue();
    }

    @Test
    void refusesInTheShapeOfEachApi() {
        Answer systemOne = post("/v1/systemone", CHOICE.replace("jev-latest", "nobody"));
        assertThat(systemOne.status()).isEqualTo(404);
        assertThat(systemOne.body().at("/detail/error_type").asString()).isEqualTo("not_found");
        assertThat(systemOne.body().at("/detail/message").asString()).contains("nobody");

        Answer openAi = post("/v1/decisions", decision("nobody", "\"x\""));
        assertThat(openAi.status()).isEqualTo(404);
        assertThat(openAi.body().at("/error/code").asString()).isEqualTo("model_not_found");

        model.breaks(true);
        Answer broken = post("/v1/systemone", CHOICE);
        assertThat(broken.status()).isEqualTo(503);
        assertThat(broken.headers()).containsKey("retry-after");
        assertThat(broken.body().at("/detail/error_type").asString()).isEqualTo("api_error");
        Answer brokenToo = post("/v1/decisions", decision("untuned", "\"x\""));
        assertThat(brokenToo.body().at("/error/type").asString()).isEqualTo("server_error");
        assertThat(brokenToo.body().at("/error").has("param")).isTrue();
    }

    @Test
    void refusesPackedAndUnpackedBombs() {
        Answer plain = post("/v1/systemone", "\"" + "x".repeat(1 << 20) + "\"");
        assertThat(plain.status()).isEqualTo(413);
        assertThat(plain.body().at("/detail/error_type").asString()).isEqualTo("api_usage_error");
        Answer unknown = post("/v1/decisions", "{}", "Content-Encoding", "br");
        assertThat(unknown.status()).isEqualTo(415);
        assertThat(unknown.body().at("/error/code").asString()).isEqualTo("unsupported_media_type");
        Answer broken = post("/v1/systemone", "{}", "Content-Encoding", "zstd");
        assertThat(broken.status()).isEqualTo(422);
    }

    @Test
    void answersOpenAiInTheOrderOfTheQuestions() {
        model.prefers("true");
        Answer answer = post("/v1/decisions", decision("untuned", """
                [{"role": "user", "content": [{"type": "input_text", "text": "Hello"},
                  {"type": "input_json", "data": {"b": 1, "a": 2}}]},
                 {"type": "function_call", "call_id": "1", "name": "look", "arguments": "{}"},
                 {"type": "function_call_output", "call_id": "1", "output": "nothing"}]"""));
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        JsonNode answers = answer.body().path("answers");
        assertThat(answers.path(0).path("type").asString()).isEqualTo("predicate");
        assertThat(answers.path(0).path("name").isNull()).isTrue();
        assertThat(answers.path(1).path("choice").isBoolean()).isTrue();
        assertThat(answers.path(1).at("/probabilities/0/value").asString()).isEqualTo("false");
        assertThat(answers.path(2).at("/probabilities/1/label").asString()).isEqualTo("high");
        assertThat(answers.path(2).at("/probabilities/1/value").intValue()).isOne();
        assertThat(answer.body().at("/usage/total_tokens").intValue()).isEqualTo(3 * 140);
        assertThat(answer.body().at("/usage/input_tokens_details/cached_tokens").intValue())
                .isEqualTo(3 * 100);
        assertThat(model.requests().getFirst().context())
                .isEqualTo("user: Hello\na: 2\nb: 1\ncall look: {}\nresult: nothing\n");
    }

    @Test
    void namesThePlaceOfAnInvalidDecision() {
        Answer image = post(
                "/v1/decisions",
                decision("untuned", "[{\"role\": \"user\", \"content\": [{\"type\": \"input_image\"}]}]"));
        assertThat(image.status()).isEqualTo(400);
        assertThat(image.body().at("/error/param").asString()).isEqualTo("input[0].content[0].type");
        Answer twice = post("/v1/decisions", """
                {"model": "untuned", "input": "x", "questions": [{"type": "choice", "instructions": "?",
                 "choices": [{"value": "a"}, {"value": "a"}]}]}""");
        assertThat(twice.body().at("/error/param").asString()).isEqualTo("questions[0].choices[1].value");
        Answer noModel = post("/v1/decisions", "{\"input\": \"x\", \"questions\": []}");
        assertThat(noModel.status()).isEqualTo(400);
        assertThat(noModel.body().at("/error/param").asString()).isEqualTo("model");
    }

    @Test
    void tellsASystemOneBodyOnTheOtherAddress() {
        Answer answer = post("/v1/decisions", CHOICE);
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        assertThat(answer.body().at("/answers/fn/type").asString()).isEqualTo("choice");
        Answer invalid = post("/v1/decisions", CHOICE.replace("choice", "box"));
        assertThat(invalid.status()).isEqualTo(422);
        model.breaks(true);
        assertThat(post("/v1/decisions", CHOICE).body().at("/detail/error_type").asString())
                .isEqualTo("api_error");
    }

    @Test
    void listsModelsForBothKindsOfClients() {
        Answer answer = get("/v1/models");
        assertThat(answer.body().path("object").asString()).isEqualTo("list");
        for (JsonNode each : answer.body().path("data")) {
            assertThat(each.path("object").asString()).isEqualTo("model");
            assertThat(each.path("created").isIntegralNumber()).isTrue();
        }
        assertThat(answer.body()
                        .path("models")
                        .valueStream()
                        .map(each -> each.path("name").asString()))
                .contains("walker", "untuned", "tiny", "jev-latest");
        assertThat(answer.body().at("/models/0/release_date").asString()).matches("\\d{4}-\\d\\d-\\d\\d");
        registry.away(true);
        Answer away = get("/v1/models");
        assertThat(away.status()).isEqualTo(503);
        assertThat(away.body().has("detail")).isTrue();
        assertThat(away.body().has("error")).isTrue();
    }

    @Test
    void keepsTheLogOfDecisionsAsItWas() {
        assertThat(get("/v1/decisions/01a20a6a-c145-728b-8ec9-b2bb2161cde5").problem())
                .isEqualTo("unknown-decision");
        assertThat(send(caller(TENANT, Scope.VIEW), "POST", "/v1/systemone", CHOICE)
                        .body()
                        .at("/detail/error_type")
                        .asString())
                .isEqualTo("authentication_error");
    }

    private static String decision(String model, String input) {
        return JSON.writeValueAsString(
                Map.of("model", model, "input", JSON.readTree(input), "questions", JSON.readTree("""
                        [{"type": "predicate", "instructions": "Is it?"},
                         {"type": "choice", "name": "c", "instructions": [{"type": "input_text", "text": "Which?"}],
                          "choices": [{"value": false}, {"value": true}, {"value": "true", "description": "the word"}]},
                         {"type": "score", "name": "s", "instructions": "How?",
                          "levels": [{"label": "low"}, {"label": "high", "description": "very"}]}]""")));
    }
}
