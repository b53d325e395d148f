package io.logicdistillation.inference.sandbox;

import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What a view or a function is called with, as JSON: the state and the outputs of the earlier stages. */
public final class Arguments {
    private static final JsonMapper JSON = JsonMapper.shared();

    private final String state;
    private final String json;

    private Arguments(String state, String json) {
        this.state = state;
        this.json = json;
    }

    public static Arguments of(Map<String, Object> state) {
        String written = JSON.writeValueAsString(state);
        return new Arguments(written, "[" + written + ",{}]");
    }

    /** The same state with the outputs of more stages. */
    public Arguments with(Map<String, Object> earlier) {
        return new Arguments(state, "[" + state + "," + JSON.writeValueAsString(earlier) + "]");
    }

    /** The state as compact JSON. */
    public String state() {
        return state;
    }

    /** The outputs of the stages before, in their order. */
    public List<JsonNode> earlier() {
        return List.copyOf(JSON.readTree(json).get(1).values());
    }

    /** A JSON array. */
    String json() {
        return json;
    }
}
