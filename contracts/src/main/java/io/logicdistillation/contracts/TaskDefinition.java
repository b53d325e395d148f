package io.logicdistillation.contracts;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Rules, schemas and stages of a task: the x of the method (arXiv 2407.19405, Eq. 1).
 *
 * @param stateSchema JSON Schema (2020-12) of a state, with {@code examples}
 * @param outputSchema JSON Schema of the decision's output, which is the last stage's
 * @param stages in the order in which they are decided; at least one, names distinct
 * @param memory how many of an episode's decisions before a view or function is told of, 1 to 20; absent where it is told of none
 */
public record TaskDefinition(
        String name,
        @Nullable String title,
        String rules,
        Map<String, Object> stateSchema,
        Map<String, Object> outputSchema,
        List<StageDefinition> stages,
        @Nullable Integer memory) {
    /** Beside the names of stages, where a task remembers. */
    public static final String STEPS = "steps";

    private static final int MOST_REMEMBERED = 20;

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
        if (memory != null && (memory < 0 || memory > MOST_REMEMBERED)) {
            throw new PlatformException(
                    ProblemType.INVALID_REQUEST,
                    "memory must lie between 0 and " + MOST_REMEMBERED,
                    Map.of("pointer", "/memory"));
        }
        // One way to say none: tasks from before there was a memory keep their hashes.
        memory = memory == null || memory == 0 ? null : memory;
        if (memory != null && stages.stream().anyMatch(stage -> stage.name().equals(STEPS))) {
            throw new PlatformException(
                    ProblemType.INVALID_REQUEST,
                    "A task with a memory can not have a stage named '" + STEPS + "'",
                    Map.of("pointer", "/stages"));
        }
    }

    /** A task that remembers nothing. */
    public TaskDefinition(
            String name,
            @Nullable String title,
            String rules,
            Map<String, Object> stateSchema,
            Map<String, Object> outputSchema,
            List<StageDefinition> stages) {
        this(name, title, rules, stateSchema, outputSchema, stages, null);
    }

    /** How many decisions of an episode a view or function is told of. */
    public int remembered() {
        return memory == null ? 0 : memory;
    }

    /**
     * What views and functions of the first stage are given beside the state; the outputs of stages join it.
     *
     * @param steps of the episode before, oldest first
     * @return a new map, empty where the task remembers nothing
     */
    public Map<String, Object> earlier(List<?> steps) {
        Map<String, Object> earlier = new LinkedHashMap<>();
        if (memory != null) {
            earlier.put(STEPS, steps.subList(Math.max(0, steps.size() - memory), steps.size()));
        }
        return earlier;
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
