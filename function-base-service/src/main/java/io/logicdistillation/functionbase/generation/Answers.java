package io.logicdistillation.functionbase.generation;

import io.logicdistillation.contracts.FunctionDefinition;
import io.logicdistillation.contracts.FunctionTest;
import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.functionbase.json.CanonicalJson;
import io.logicdistillation.kit.WireJson;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Reads what an L-LLM answered. Nothing of it is believed; what has not the shape of a function is left out. */
final class Answers {
    private static final JsonMapper JSON = WireJson.lenient();

    private Answers() {}

    /**
     * @param functions that have the shape of one
     * @param misshapen why others have not
     */
    record Read(List<FunctionDefinition> functions, List<String> misshapen) {}

    /**
     * Empty if the text is no answer at all: cut off, or no JSON.
     *
     * @param language that was asked for; the answer has no say in it
     * @param most of which more are not looked at
     */
    static Optional<Read> read(String text, GenerationRequest.Language language, int most) {
        if (text.isBlank()) {
            return Optional.empty();
        }
        JsonNode functions;
        try {
            functions = JSON.readTree(text).path("functions");
        } catch (JacksonException broken) {
            return Optional.empty();
        }
        if (!functions.isArray()) {
            return Optional.empty();
        }
        List<FunctionDefinition> read = new ArrayList<>();
        List<String> misshapen = new ArrayList<>();
        for (JsonNode function : functions) {
            if (read.size() == most) {
                break;
            }
            try {
                FunctionDefinition definition = definition(function, language);
                CanonicalJson.of(definition);
                read.add(definition);
            } catch (PlatformException | JacksonException | IllegalArgumentException wrong) {
                String name = function.path("name").asString("");
                misshapen.add("'" + (name.length() > 64 ? name.substring(0, 64) : name) + "': " + firstLine(wrong));
            }
        }
        return Optional.of(new Read(read, misshapen));
    }

    private static String firstLine(RuntimeException wrong) {
        String message = wrong instanceof JacksonException json
                ? "a test holds no JSON: " + json.getOriginalMessage()
                : String.valueOf(wrong.getMessage());
        String line = message.replaceAll("\\p{Cntrl}+", " ");
        return line.length() <= 200 ? line : line.substring(0, 200) + "…";
    }

    private static FunctionDefinition definition(JsonNode node, GenerationRequest.Language language) {
        List<FunctionTest> tests = new ArrayList<>();
        for (JsonNode test : node.path("tests")) {
            String earlier = test.path("earlier").asString("");
            tests.add(new FunctionTest(
                    object(test.path("state").asString("")),
                    earlier.isBlank() ? Map.of() : object(earlier),
                    JSON.readValue(test.path("output").asString(""), Object.class)));
        }
        return new FunctionDefinition(
                node.path("name").asString(""),
                node.path("stage").asString(""),
                node.path("handle").asString(""),
                node.path("manual").asString(""),
                language.stored(),
                node.path("source").asString(""),
                tests);
    }

    private static Map<String, Object> object(String text) {
        Map<String, Object> object = JSON.readValue(text, new TypeReference<>() {});
        if (object == null) {
            throw new IllegalArgumentException("a test holds no object");
        }
        return object;
    }
}
