package io.logicdistillation.functionbase;

import io.logicdistillation.contracts.FunctionDefinition;
import io.logicdistillation.contracts.FunctionTest;
import io.logicdistillation.contracts.StageDefinition;
import io.logicdistillation.contracts.TaskDefinition;
import io.logicdistillation.contracts.View;
import java.util.List;
import java.util.Map;

/** Advice by the weather in two stages: small, but with a view that reads an earlier stage's output. */
final class ToyTask {
    static final String NAME = "weather";

    private static final Map<String, Object> TEXT_OUTPUT = Map.of(
            "type", "object", "required", List.of("advice"), "properties", Map.of("advice", Map.of("type", "string")));
    private static final Map<String, Object> MOOD_OUTPUT = Map.of(
            "type",
            "object",
            "required",
            List.of("mood"),
            "properties",
            Map.of("mood", Map.of("enum", List.of("wet", "dry"))));

    private ToyTask() {}

    static TaskDefinition task() {
        return task(
                NAME,
                "function view(state, earlier) { return 'It is ' + earlier.mood.mood + ' and the sky brings ' + state.sky; }");
    }

    static TaskDefinition task(String name) {
        return task(name, "function view(state, earlier) { return state.sky; }");
    }

    static TaskDefinition task(String name, String adviceView) {
        return new TaskDefinition(
                name,
                "Weather",
                "Advise on clothing.",
                Map.of(
                        "type", "object",
                        "required", List.of("sky"),
                        "additionalProperties", false,
                        "properties", Map.of("sky", Map.of("type", "string"), "degrees", Map.of("type", "number")),
                        "examples", List.of(Map.of("sky", "heavy rain"), Map.of("sky", "sunshine", "degrees", 25))),
                TEXT_OUTPUT,
                List.of(
                        new StageDefinition("mood", "Choose the mood.", 2, null, MOOD_OUTPUT),
                        new StageDefinition(
                                "advice", "Choose the advice.", 2, new View("javascript", adviceView), null)));
    }

    static FunctionDefinition mood(String name, String handle, String mood) {
        return new FunctionDefinition(
                name,
                "mood",
                handle,
                "Use when the day is " + mood + ".",
                "javascript",
                "function run(state, earlier) { return {mood: '" + mood + "'}; }",
                List.of(new FunctionTest(Map.of("sky", "grey"), null, Map.of("mood", mood))));
    }

    static FunctionDefinition advice(String name, String handle, String manual) {
        return advice(name, handle, manual, "return {advice: '" + name + "'};");
    }

    static FunctionDefinition advice(String name, String handle, String manual, String body) {
        return new FunctionDefinition(
                name,
                "advice",
                handle,
                manual,
                "javascript",
                "function run(state, earlier) { " + body + " }",
                List.of(new FunctionTest(
                        Map.of("sky", "grey"), Map.of("mood", Map.of("mood", "dry")), Map.of("advice", name))));
    }

    /** Enough of them that a search has to choose. */
    static FunctionDefinition[] functions() {
        return new FunctionDefinition[] {
            mood("soaked", "wet", "wet"),
            mood("parched", "dry", "dry"),
            advice("umbrella", "umbrella", "Carry an umbrella when rain is falling."),
            advice("sunscreen", "cream", "Put on sun cream under a bright hot sun."),
            advice("sledge", "sledge", "Take the sledge when snow lies on the hills."),
            advice("kite", "kite", "Fly the kite in a strong wind."),
            advice("boots", "boots", "Wear rubber boots when streets are flooded."),
        };
    }
}
