package io.logicdistillation.functionbase.task;

import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.contracts.ProblemType;
import io.logicdistillation.contracts.StageDefinition;
import io.logicdistillation.contracts.TaskDefinition;
import io.logicdistillation.functionbase.json.CanonicalJson;
import io.logicdistillation.functionbase.json.Schema;
import io.logicdistillation.functionbase.json.Schema.Violation;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Whether a task's definition makes sense in itself: its schemas are schemas, and the examples of a state are states. */
public final class DefinitionCheck {
    private static final int MOST_SHOWN = 20;

    private DefinitionCheck() {}

    /** @throws PlatformException {@link ProblemType#INVALID_REQUEST} with the pointer of every flaw */
    public static TaskDefinition require(TaskDefinition task) {
        CanonicalJson.of(task);
        List<Violation> flaws = new ArrayList<>(flawsOf("/stateSchema", task.stateSchema()));
        flaws.addAll(flawsOf("/outputSchema", task.outputSchema()));
        for (int index = 0; index < task.stages().size(); index++) {
            StageDefinition stage = task.stages().get(index);
            flaws.addAll(flawsOf("/stages/" + index + "/outputSchema", stage.outputSchema()));
        }
        if (flaws.isEmpty()) {
            flaws.addAll(exampleFlaws(task.stateSchema()));
        }
        if (!flaws.isEmpty()) {
            Violation first = flaws.getFirst();
            throw new PlatformException(
                    ProblemType.INVALID_REQUEST,
                    "The task is not valid at '" + first.pointer() + "': " + first.message(),
                    Map.of(
                            "pointer",
                            first.pointer(),
                            "errors",
                            flaws.stream().limit(MOST_SHOWN).toList()));
        }
        return task;
    }

    private static List<Violation> flawsOf(String pointer, @Nullable Map<String, Object> schema) {
        return schema == null ? List.of() : below(pointer, Schema.flawsOf(schema));
    }

    private static List<Violation> exampleFlaws(Map<String, Object> stateSchema) {
        Schema schema = Schema.of(stateSchema);
        List<Violation> flaws = new ArrayList<>();
        List<?> examples = stateSchema.get("examples") instanceof List<?> listed ? listed : List.of();
        for (int index = 0; index < examples.size(); index++) {
            String pointer = "/stateSchema/examples/" + index;
            if (examples.get(index) instanceof Map<?, ?> example) {
                flaws.addAll(below(pointer, schema.violations(example)));
            } else {
                flaws.add(new Violation(pointer, "a state is a JSON object"));
            }
        }
        return flaws;
    }

    private static List<Violation> below(String pointer, List<Violation> violations) {
        return violations.stream()
                .map(violation -> new Violation(pointer + violation.pointer(), violation.message()))
                .toList();
    }
}
