package io.logicdistillation.inference.remote;

import static org.assertj.core.api.Assertions.assertThat;

import io.logicdistillation.inference.engine.Entry;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

class SystemOneServerTest extends RemoteEngineContract {
    @Override
    String speaks() {
        return "system-one";
    }

    @Override
    String answer(JsonNode request, String model, Map<String, Double> odds) {
        Map<String, Double> shares = new LinkedHashMap<>();
        request.at("/questions/function/criteria")
                .propertyNames()
                .forEach(name -> shares.put(name, Math.exp(odds.getOrDefault(name, 0.0))));
        double sum = shares.values().stream().mapToDouble(Double::doubleValue).sum();
        ObjectNode answer = JsonNodeFactory.instance.objectNode().put("model", model);
        ObjectNode told = answer.putObject("answers").putObject("function");
        told.put("type", "choice").put("choice", "cut_off").put("confidence", 0.8);
        ObjectNode probabilities = told.putObject("probabilities");
        shares.forEach((name, share) -> probabilities.put(name, share / sum));
        answer.putObject("usage").put("input_tokens", 120).put("output_tokens", 12);
        return answer.toString();
    }

    @Override
    Map<String, UnaryOperator<String>> broken() {
        return Map.of(
                "no probabilities", right -> right.replace("\"probabilities\"", "\"odds\""),
                "an option is missing", right -> right.replace("\"flank\":", "\"flunk\":"),
                "no option for none", right -> right.replace("\"none_of_these\":", "\"x_none\":"),
                "NaN", right -> right.replaceAll("\"flank\":[0-9.E-]+", "\"flank\":NaN"),
                "text for a number", right -> right.replaceAll("\"flank\":[0-9.E-]+", "\"flank\":\"much\""),
                "below zero", right -> right.replaceAll("\"flank\":[0-9.E-]+", "\"flank\":-0.1"),
                "more than one", right -> right.replaceAll("\"flank\":[0-9.E-]+", "\"flank\":1.4"),
                "too little altogether", right -> right.replaceAll("\"cut_off\":[0-9.E-]+", "\"cut_off\":0.1"),
                "another question", right -> right.replace("\"function\"", "\"functions\""));
    }

    @Test
    void asksAChoiceWithManualsAsCriteriaAndOneForNone() {
        engine().score(request(FOUR));

        assertThat(server.requests()).hasSize(1);
        assertThat(server.requests().getFirst().getUrl()).isEqualTo("/v1/systemone");
        JsonNode body = JSON.readTree(server.requests().getFirst().getBodyAsString());
        JsonNode question = body.at("/questions/function");
        assertThat(question.path("type").asString()).isEqualTo("choice");
        assertThat(question.path("instructions").asString())
                .isEqualTo("Two chasers hunt two evaders on a grid.\nChoose how to approach.");
        assertThat(question.at("/criteria/rest").asString()).isEqualTo("Stays where it is.");
        assertThat(question.at("/criteria/none_of_these").isNull()).isTrue();
        assertThat(body.path("state").asString()).startsWith("The target is far to the east");
    }

    @Test
    void keepsItsNoneApartFromAnOptionOfThatName() {
        List<Entry> taken = List.of(
                FOUR.getFirst(), new Entry("none_of_these", "none_of_these", "When the ticket names no product."));

        engine().score(request(taken));

        JsonNode body = JSON.readTree(server.requests().getFirst().getBodyAsString());
        assertThat(body.at("/questions/function/criteria").propertyNames())
                .containsExactly("cut_off", "none_of_these", "none_of_these_");
    }
}
