package io.logicdistillation.contracts;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Rules, schemas and stages of a task: the x of the method (arXiv 2407.19405, Eq. 1).
 *
 * @param stateSchema JSON Schema (2020-12) of a state, with {@code examples}
 * @param outputSchema JSON Schema of the decision's output, which is the last stage's
 * @param stages in the order in which they are decided; at least one, names distinct
 */
public record TaskDefinition(
        String name,
        @Nullable String title,
        String rules,
        Map<String, Object> stateSchema,
        Map<String, Object> outputSchema,
        List<StageDefinition> stages) {
    public TaskDefinition {
        Names.requireName("name", name);
        Names.requireText("rules", rules, 20_000);
        Names.require("stateSchema", stateSchema);
        Names.require("outputSchema", outputSchema);
        stages = List.copyOf(Names.require("stages", stages));
        if (stages.isEmpty() || stages.size() > 16) {
            throw new PlatformException(ProblemType.INVALID_REQUEST, "stages must hold 1 to 16 stages");
        }
        if (stages.stream().map(StageDefinition::name).distinct().count() != stages.size()) {
            throw new PlatformException(ProblemType.INVALID_REQUEST, "stages.name must be distinct");
        }
    }

    /** @throws PlatformException {@link ProblemType#UNKNOWN_STAGE} */
    public StageDefinition stage(String stage) {
        return stages.stream()
                .filter(candidate -> candidate.name().equals(stage))
                .findFirst()
                .orElseThrow(() -> new PlatformException(
                        ProblemType.UNKNOWN_STAGE, "Task '" + name + "' has no stage '" + stage + "'"));
    }
}
