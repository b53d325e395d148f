package io.logicdistillation.functionbase.snapshot;

import io.logicdistillation.contracts.FunctionDefinition;
import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.contracts.ProblemType;
import io.logicdistillation.contracts.StageDefinition;
import io.logicdistillation.contracts.TaskDefinition;
import io.logicdistillation.functionbase.sandbox.Outcome;
import io.logicdistillation.functionbase.sandbox.Sandbox;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.springframework.stereotype.Component;

/**
 * Renders every example of a state by every stage's view, twice. What the earlier stages would have given comes from their first
 * function that gives anything. Thread-safe.
 */
@Component
public final class ViewCheck {
    private final Sandbox sandbox;

    ViewCheck(Sandbox sandbox) {
        this.sandbox = sandbox;
    }

    /** @throws PlatformException {@link ProblemType#INVALID_FUNCTION} naming stage, example and cause */
    void require(String tenant, TaskDefinition task, List<FunctionDefinition> functions) {
        require(
                tenant,
                task,
                stage -> functions.stream()
                        .filter(function -> function.stage().equals(stage))
                        .iterator());
    }

    /** The functions of a stage, of which no more are asked for than are needed. */
    @FunctionalInterface
    public interface Functions {
        Iterator<FunctionDefinition> of(String stage);
    }

    /** @throws PlatformException {@link ProblemType#INVALID_FUNCTION} naming stage, example and cause */
    public void require(String tenant, TaskDefinition task, Functions functions) {
        if (!(task.stateSchema().get("examples") instanceof List<?> examples)) {
            return;
        }
        for (int index = 0; index < examples.size(); index++) {
            require(tenant, task, functions, index, state(examples.get(index)));
        }
    }

    private void require(
            String tenant, TaskDefinition task, Functions functions, int example, Map<String, Object> state) {
        Map<String, Object> earlier = task.earlier(List.of());
        for (StageDefinition stage : task.stages()) {
            requireView(tenant, stage, example, state, earlier);
            if (!stage.equals(task.stages().getLast())) {
                earlier.put(
                        stage.name(),
                        anyOutput(tenant, stage, functions, state, earlier)
                                .orElseThrow(() -> refused(
                                        stage,
                                        example,
                                        "no-output",
                                        "No function of stage '" + stage.name() + "' gives an output for example "
                                                + example)));
            }
        }
    }

    private void requireView(
            String tenant, StageDefinition stage, int example, Map<String, Object> state, Map<String, Object> earlier) {
        Outcome first = sandbox.tryView(tenant, stage, state, earlier);
        if (first instanceof Outcome.Failed failed) {
            throw refused(
                    stage,
                    example,
                    failed.cause(),
                    "The view of stage '" + stage.name() + "' fails on example " + example + ": " + failed.message());
        }
        Outcome second = sandbox.tryView(tenant, stage, state, earlier);
        if (!(second instanceof Outcome.Gave again)
                || !(first instanceof Outcome.Gave gave)
                || !again.value().equals(gave.value())) {
            throw refused(
                    stage,
                    example,
                    "not-deterministic",
                    "The view of stage '" + stage.name() + "' renders example " + example + " differently each time");
        }
    }

    private Optional<Object> anyOutput(
            String tenant,
            StageDefinition stage,
            Functions functions,
            Map<String, Object> state,
            Map<String, Object> earlier) {
        Iterator<FunctionDefinition> of = functions.of(stage.name());
        while (of.hasNext()) {
            if (sandbox.run(tenant, of.next(), state, earlier) instanceof Outcome.Gave gave) {
                return Optional.of(gave.value());
            }
        }
        return Optional.empty();
    }

    private static PlatformException refused(StageDefinition stage, int example, String cause, String message) {
        return new PlatformException(
                ProblemType.INVALID_FUNCTION,
                message,
                Map.of("stage", stage.name(), "example", example, "cause", cause));
    }

    /** The task's own check made sure that an example is an object; JSON has no other keys than texts. */
    @SuppressWarnings("unchecked")
    private static Map<String, Object> state(Object example) {
        return (Map<String, Object>) example;
    }
}
