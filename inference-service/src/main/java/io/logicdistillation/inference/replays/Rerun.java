package io.logicdistillation.inference.replays;

import io.logicdistillation.contracts.Decision;
import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.contracts.ProblemType;
import io.logicdistillation.inference.functionbase.PreparedSnapshot;
import io.logicdistillation.inference.sandbox.Arguments;
import io.logicdistillation.inference.sandbox.FunctionRunner;
import io.logicdistillation.inference.sandbox.Outcome;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Runs functions on the state of a logged decision; asks no model and no search. Thread-safe. */
final class Rerun {
    private final FunctionRunner runner;

    Rerun(FunctionRunner runner) {
        this.runner = runner;
    }

    /**
     * One stage run again.
     *
     * @param view absent if it failed; then so did the stage
     */
    record Step(
            Decision.Stage recorded,
            String function,
            @Nullable String view,
            Outcome outcome) {
        boolean sameView() {
            return recorded.view().equals(view);
        }
    }

    /**
     * Runs the stages from one on; the ones before it count as recorded. Ends early at a stage that fails.
     *
     * @param from the first stage to run
     * @param choice the function of a stage
     * @throws PlatformException {@link ProblemType#UNKNOWN_FUNCTION} if the snapshot has no such function
     */
    List<Step> run(
            String tenant,
            PreparedSnapshot snapshot,
            Decision decision,
            int from,
            Function<Decision.Stage, String> choice) {
        Map<String, Object> earlier = new LinkedHashMap<>();
        List<Decision.Stage> stages = decision.stages();
        stages.subList(0, from).forEach(stage -> earlier.put(stage.stage(), stage.output()));
        Arguments start = Arguments.of(snapshot.task(), decision);
        List<Step> steps = new ArrayList<>();
        for (Decision.Stage stage : stages.subList(from, stages.size())) {
            Arguments arguments = earlier.isEmpty() ? start : start.with(earlier);
            Step step = run(tenant, snapshot, stage, choice.apply(stage), arguments);
            steps.add(step);
            if (!(step.outcome() instanceof Outcome.Produced(Object output))) {
                break;
            }
            earlier.put(stage.stage(), output);
        }
        return steps;
    }

    private Step run(
            String tenant, PreparedSnapshot snapshot, Decision.Stage recorded, String function, Arguments arguments) {
        String stage = recorded.stage();
        String view;
        try {
            view = runner.view(tenant, snapshot.task().stage(stage), arguments);
        } catch (PlatformException failure) {
            if (failure.type() != ProblemType.FUNCTION_FAILED) {
                throw failure;
            }
            return new Step(recorded, function, null, new Outcome.Failed(String.valueOf(failure.getMessage())));
        }
        return new Step(
                recorded,
                function,
                view,
                runner.run(tenant, snapshot.function(stage, function), arguments, snapshot.outputSchemas(stage)));
    }
}
