package io.logicdistillation.contracts;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One of the J stages of a task.
 *
 * @param instruction one sentence that tells the student what to choose
 * @param k how many candidates the student sees, 1 to 64
 * @param view renders the state into words; without it the student reads the state as compact JSON
 * @param outputSchema JSON Schema of the output of the stage's functions; without it, of the last stage only, the task's holds
 */
public record StageDefinition(
        String name,
        String instruction,
        int k,
        @Nullable View view,
        @Nullable Map<String, Object> outputSchema) {
    public StageDefinition {
        Names.requireName("stages.name", name);
        Names.requireText("stages.instruction", instruction, 1_000);
        if (k < 1 || k > 64) {
            throw new PlatformException(ProblemType.INVALID_REQUEST, "stages.k must lie between 1 and 64");
        }
    }
}
