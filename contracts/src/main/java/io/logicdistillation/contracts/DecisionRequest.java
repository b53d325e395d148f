package io.logicdistillation.contracts;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * @param state checked against the task's state schema
 * @param episode groups the decisions of one game or case; a UUID
 * @param snapshot the active one when absent
 * @param student a student's id or name; the task's promoted student when absent
 * @param choices stage name to function name: choices that the caller imposes instead of a model's, as an expert policy does
 *     when it plays to be imitated
 */
public record DecisionRequest(
        Map<String, Object> state,
        @Nullable String episode,
        @Nullable String snapshot,
        @Nullable String student,
        @Nullable Map<String, String> choices) {
    public DecisionRequest {
        Names.require("state", state);
        choices = choices == null ? Map.of() : Map.copyOf(choices);
    }

    @Override
    public Map<String, String> choices() {
        return choices == null ? Map.of() : choices;
    }
}
