package io.logicdistillation.inference.remote;

import static com.github.tomakehurst.wiremock.client.WireMock.okJson;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

class DecisionsServerTest extends RemoteEngineContract {
    private static final String USAGE = """
            "usage": {"input_tokens": 120, "input_tokens_details": {"cached_tokens": 40, "cache_write_tokens": 0}, "output_tokens": 0,
              "output_tokens_details": {"reasoning_tokens": 0}, "total_tokens": 120}""";

    @Override
    String speaks() {
        return "decisions";
    }

    @Override
    String answer(JsonNode request, String model, Map<String, Double> odds) {
        Map<String, Double> shares = new LinkedHashMap<>();
        request.at("/questions/0/choices").forEach(choice -> {
            String name = choice.path("value").asString();
            shares.put(name, Math.exp(odds.getOrDefault(name, 0.0)));
        });
        double sum = shares.values().stream().mapToDouble(Double::doubleValue).sum();
        ObjectNode answer = (ObjectNode) JSON.readTree("{" + USAGE + "}");
        ObjectNode told = JsonNodeFactory.instance.objectNode();
        told.put("type", "choice")
                .put("name", "function")
                .put("choice", "cut_off")
                .put("confidence", 0.8);
        ArrayNode probabilities = told.putArray("probabilities");
        shares.forEach(
                (name, share) -> probabilities.addObject().put("value", name).put("probability", share / sum));
        answer.put("model", model).putArray("answers").add(told);
        return answer.toString();
    }

    @Override
    Map<String, UnaryOperator<String>> broken() {
        return Map.of(
                "no probabilities", right -> right.replace("\"probabilities\"", "\"odds\""),
                "an option is missing", right -> right.replace("\"flank\"", "\"flunk\""),
                "no option for none", right -> right.replace("\"none_of_these\"", "\"x_none\""),
                "NaN", right -> share(right, "flank", "NaN"),
                "text for a number", right -> share(right, "flank", "\"much\""),
                "below zero", right -> share(right, "flank", "-0.1"),
                "too little altogether", right -> share(right, "cut_off", "0.1"),
                "no answer", right -> right.replaceAll("\"answers\":\\[.*]", "\"answers\":[]"),
                "an answer of another kind", right -> right.replace("\"choice\",\"name\"", "\"score\",\"name\""));
    }

    private static String share(String right, String option, String number) {
        return right.replaceAll(
                "\"value\":\"" + option + "\",\"probability\":[0-9.E-]+",
                "\"value\":\"" + option + "\",\"probability\":" + number);
    }

    @Test
    void asksAChoiceWithManualsAsDescriptionsAndOneForNone() {
        assertThat(engine().score(request(FOUR)).cachedTokens()).isEqualTo(40);

        assertThat(server.requests()).hasSize(1);
        assertThat(server.requests().getFirst().getUrl()).isEqualTo("/v1/decisions");
        JsonNode body = JSON.readTree(server.requests().getFirst().getBodyAsString());
        JsonNode question = body.at("/questions/0");
        assertThat(question.path("type").asString()).isEqualTo("choice");
        assertThat(question.path("choices")
                        .valueStream()
                        .map(each -> each.path("value").asString()))
                .containsExactly("cut_off", "flank", "pounce", "rest", "none_of_these");
        assertThat(question.at("/choices/3/description").asString()).isEqualTo("Stays where it is.");
        assertThat(question.at("/choices/4").has("description")).isFalse();
        assertThat(body.path("input").asString()).startsWith("The target is far to the east");
    }

    @Test
    void saysThatTheModelRefused() {
        server.says(okJson("{\"model\": \"" + MODEL
                + "\", \"answers\": [{\"type\": \"refusal\", \"name\": \"function\"}], " + USAGE + "}"));

        assertThatThrownBy(() -> engine().score(request(FOUR))).hasMessageContaining("'fleet' is rejected");
    }
}
