package io.logicdistillation.inference.sandbox;

import io.logicdistillation.contracts.Decision;
import io.logicdistillation.contracts.TaskDefinition;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What a view or a function is called with, as JSON: the state; the outputs of the earlier stages and, in a task that remembers, the
 * steps of the episode before.
 */
public final class Arguments {
    private static final JsonMapper JSON = JsonMapper.shared();

    private final TaskDefinition task;
    private final String state;
    private final List<Map<String, Object>> steps;
    private final Map<String, Object> outputs;
    private final String json;

    private Arguments(TaskDefinition task, String state, List<Map<String, Object>> steps, Map<String, Object> outputs) {
        this.task = task;
        this.state = state;
        this.steps = steps;
        this.outputs = outputs;
        Map<String, Object> earlier = task.earlier(steps);
        earlier.putAll(outputs);
        this.json = "[" + state + "," + JSON.writeValueAsString(earlier) + "]";
    }

    /** Of the first stage. */
    public static Arguments of(TaskDefinition task, Map<String, Object> state, Decision.@Nullable Memory memory) {
        return new Arguments(task, JSON.writeValueAsString(state), Decision.Memory.told(memory), Map.of());
    }

    /** Those of a logged decision. */
    public static Arguments of(TaskDefinition task, Decision decision) {
        Map<String, Object> state = decision.state();
        return of(task, state == null ? Map.of() : state, decision.memory());
    }

    /** The same state with the outputs of more stages. */
    public Arguments with(Map<String, Object> earlier) {
        return new Arguments(task, state, steps, new LinkedHashMap<>(earlier));
    }

    /** The state as compact JSON. */
    public String state() {
        return state;
    }

    /** The outputs of the stages before, in their order. */
    public List<JsonNode> earlier() {
        return outputs.values().stream().<JsonNode>map(JSON::valueToTree).toList();
    }

    /** A JSON array. */
    String json() {
        return json;
    }
}
