package io.logicdistillation.functionbase;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.tomakehurst.wiremock.client.ResponseDefinitionBuilder;
import io.logicdistillation.contracts.StageDefinition;
import io.logicdistillation.contracts.TaskDefinition;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import tools.jackson.databind.JsonNode;

/** Generations with an L-LLM that is played. The task: how much to water, by the moisture of the soil. */
abstract class GenerationTest extends ServiceTest {
    protected static final String TASK = "garden";
    protected static final String GENERATIONS = "/v1/tasks/garden/generations";
    protected static final Llm llm = new Llm();

    @DynamicPropertySource
    static void model(DynamicPropertyRegistry properties) {
        properties.add("generation.url", llm::url);
        properties.add("generation.model", () -> "big");
        properties.add("generation.api-key", () -> "sk-test");
        properties.add("generation.allow-private-addresses", () -> "true");
        // The first call loads the client's classes, which takes seconds where the machine is busy.
        properties.add("generation.timeout", () -> "6s");
        properties.add("generation.attempts", () -> "2");
        properties.add("generation.per-minute", () -> "10000");
        // What one test breaks must not keep the next one from asking.
        properties.add("generation.rest", () -> "1ms");
        properties.add("generation.pause", () -> "100ms");
        properties.add("generation.pauses", () -> "1");
        properties.add("generation.prices.input", () -> "2");
        properties.add("generation.prices.output", () -> "10");
        properties.add("generation.daily.tokens", () -> "400000");
        properties.add("platform.generations.poll", () -> "50ms");
    }

    @BeforeEach
    void garden() {
        llm.forget();
        assertThat(author.post("/v1/tasks", task("Water dry beds, leave wet ones alone."))
                        .status())
                .isEqualTo(201);
    }

    static TaskDefinition task(String rules) {
        Map<String, Object> state = Map.of(
                "type", "object",
                "required", List.of("moisture"),
                "additionalProperties", false,
                "properties", Map.of("moisture", Map.of("type", "integer", "minimum", 0, "maximum", 100)),
                "examples", List.of(Map.of("moisture", 10)));
        Map<String, Object> output = Map.of(
                "type",
                "object",
                "required",
                List.of("litres"),
                "additionalProperties",
                false,
                "properties",
                Map.of("litres", Map.of("type", "integer", "minimum", 0, "maximum", 10)));
        return new TaskDefinition(
                TASK,
                "Garden",
                rules,
                state,
                output,
                List.of(new StageDefinition("water", "Choose how much to water.", 4, null, null)));
    }

    /** Applies where the condition holds and gives so many litres. */
    static Map<String, Object> pouring(String name, String condition, String litres, int moisture, int expected) {
        return Llm.function(name, "water", name, """
                        function applies(state, earlier) { return %s; }
                        function run(state, earlier) { return { litres: %s }; }
                        """.formatted(condition, litres), List.of(test(moisture, expected)));
    }

    static Map<String, String> test(int moisture, int litres) {
        return Llm.test(Map.of("moisture", moisture), Map.of(), Map.of("litres", litres));
    }

    static Map<String, Object> dry() {
        return pouring("soak", "state.moisture < 50", "5", 10, 5);
    }

    static Map<String, Object> wet() {
        return pouring("spare", "state.moisture >= 50", "0", 80, 0);
    }

    static ResponseDefinitionBuilder both() {
        return Llm.functions(dry(), wet());
    }

    protected JsonNode start(Map<String, ?> request) {
        Client.Answer answer = author.post(GENERATIONS, request);
        assertThat(answer.status()).as(answer.response().body()).isEqualTo(202);
        assertThat(answer.header("Location")).endsWith(answer.json().get("id").asString());
        return answer.json();
    }

    protected JsonNode get(String id) {
        return author.get(GENERATIONS + "/" + id).json();
    }

    /** Waits for the end of a generation. */
    protected JsonNode ended(String id) {
        long end = System.nanoTime() + 120_000_000_000L;
        JsonNode generation = get(id);
        while (List.of("queued", "running").contains(generation.get("state").asString())) {
            assertThat(System.nanoTime()).as("%s", generation).isLessThan(end);
            pause();
            generation = get(id);
        }
        return generation;
    }

    protected JsonNode generate(Map<String, ?> request) {
        return ended(start(request).get("id").asString());
    }

    static void pause() {
        try {
            Thread.sleep(50);
        } catch (InterruptedException stopped) {
            throw new IllegalStateException(stopped);
        }
    }
}
