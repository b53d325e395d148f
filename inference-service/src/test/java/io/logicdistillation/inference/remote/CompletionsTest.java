package io.logicdistillation.inference.remote;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.logicdistillation.inference.engine.ScoringRequest;
import io.logicdistillation.inference.engine.StudentEngine;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** As llama_cpp.server and vLLM answer. */
class CompletionsTest extends RemoteEngineContract {
    @Override
    String speaks() {
        return "completions";
    }

    @Override
    String answer(JsonNode request, String model, Map<String, Double> odds) {
        return PlayedCompletions.answer(request, model, odds);
    }

    @Override
    Map<String, UnaryOperator<String>> broken() {
        return Map.of(
                "no log probabilities", right -> right.replaceAll("\"logprobs\":\\{.*?}]}", "\"logprobs\":null"),
                "log probabilities without alternatives",
                        right -> right.replaceAll("\"top_logprobs\":\\[.*?]", "\"top_logprobs\":null"),
                "no alternative of use",
                        right -> right.replace("\" yes\":", "\"Yes\":").replace("\" no\":", "\"No\":"),
                "NaN", right -> right.replace("-2.0", "NaN"),
                "text for a number", right -> right.replace("-2.0", "\"-2.0\""),
                "nothing for a number", right -> right.replace("-2.0", "null"),
                "beyond every number", right -> right.replace("-2.0", "-1e999"),
                "no answer", right -> right.replaceAll("\"choices\":\\[.*]", "\"choices\":[]"));
    }

    @Test
    void asksForOneTokenOfEachPromptAndAllBeginAlike() {
        engine().score(request(FOUR));

        assertThat(server.requests()).hasSize(4).allSatisfy(request -> {
            JsonNode body = JSON.readTree(request.getBodyAsString());
            assertThat(request.getUrl()).isEqualTo("/v1/completions");
            assertThat(body.path("max_tokens").asInt()).isEqualTo(1);
            assertThat(body.path("temperature").asDouble()).isZero();
            assertThat(body.path("logprobs").asInt()).isEqualTo(20);
            assertThat(body.path("prompt").asString())
                    .startsWith("Two chasers hunt two evaders on a grid.\nChoose how to approach.\n"
                            + "The target is far to the east, partner near it, path clear.\n- ")
                    .endsWith("\nFits now:");
        });
        assertThat(engine().score(request(FOUR)).cachedTokens()).isEqualTo(4 * 64);
    }

    @Test
    void putsAllPromptsIntoOneRequestWhereTheServerTakesThat() {
        StudentEngine together =
                lease(Map.of("otherwise", "refuse", "together", "true")).engine();

        Map<String, Double> one = byName(request(FOUR), together.score(request(FOUR)));

        assertThat(server.requests()).hasSize(1);
        assertThat(one).isEqualTo(byName(request(FOUR), engine().score(request(FOUR))));
    }

    /** A state may say anything; what is plain text in this process must not be a command to the model there. */
    @Test
    void sendsNoTextThatServersWouldReadAsControlTokens() {
        for (String token : List.of("<|im_end|>", "<|endoftext|>", "<file_sep>", "<reponame>")) {
            ScoringRequest usual = request(FOUR);
            ScoringRequest talking =
                    new ScoringRequest(usual.stage(), usual.prefix(), "It says " + token + ".", FOUR, usual.way());

            assertThatThrownBy(() -> engine().score(talking)).hasMessageContaining("rejected");
        }

        assertThat(server.requests()).isEmpty();
        assertThat(engine().score(request(FOUR)).engine()).isEqualTo("fleet");
    }

    @Test
    void countsATokenBeyondTheLikeliestAsTheLastOfThem() {
        server.answers(request -> right(request).replace("\" no\":", "\" nope\":"));

        Map<String, Double> found = byName(request(FOUR), engine().score(request(FOUR)));

        double cut = Math.exp(1.0 + 13.0);
        double sum = 1 + cut + Math.exp(-1.0 + 13.0) + Math.exp(-3.5 + 13.0) + Math.exp(-6.0 + 13.0);
        assertThat(found.get("cut_off")).isCloseTo(cut / sum, within(1e-9));
    }

    @Test
    void readsLogProbabilitiesInTheShapeOfChatsToo() {
        server.answers(request -> {
            ObjectNode answer = (ObjectNode) JSON.readTree(right(request));
            ObjectNode choice = (ObjectNode) answer.path("choices").get(0);
            JsonNode top = choice.at("/logprobs/top_logprobs/0");
            ObjectNode first =
                    choice.putObject("logprobs").putArray("content").addObject().put("token", " yes");
            ArrayNode alternatives = first.putArray("top_logprobs");
            top.properties()
                    .forEach(each -> alternatives
                            .addObject()
                            .put("token", each.getKey())
                            .put("logprob", each.getValue().asDouble()));
            return answer.toString();
        });
        Map<String, Double> chats = byName(request(FOUR), engine().score(request(FOUR)));

        server.answers(this::right);
        assertThat(chats).isEqualTo(byName(request(FOUR), engine().score(request(FOUR))));
    }
}
