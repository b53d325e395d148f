package io.logicdistillation.inference.feedback;

import io.logicdistillation.contracts.Decision;
import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.contracts.ProblemType;
import io.logicdistillation.contracts.PublishedFunction;
import io.logicdistillation.inference.decisionlog.DecisionLog;
import io.logicdistillation.inference.functionbase.PreparedSnapshot;
import io.logicdistillation.inference.functionbase.Snapshots;
import io.logicdistillation.inference.sandbox.Arguments;
import io.logicdistillation.inference.sandbox.FunctionRunner;
import io.logicdistillation.inference.sandbox.Outcome;
import io.logicdistillation.inference.upstream.TaskKey;
import io.logicdistillation.kit.Caller;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** Takes feedback in; a correction is tried out on the decision's own state before it may teach anybody. Thread-safe. */
public final class FeedbackDesk {
    private final DecisionLog log;
    private final Snapshots snapshots;
    private final FunctionRunner runner;
    private final FeedbackStore store;

    FeedbackDesk(DecisionLog log, Snapshots snapshots, FunctionRunner runner, FeedbackStore store) {
        this.log = log;
        this.snapshots = snapshots;
        this.runner = runner;
        this.store = store;
    }

    /**
     * @throws PlatformException {@link ProblemType#UNKNOWN_DECISION}, {@link ProblemType#UNKNOWN_STAGE},
     *     {@link ProblemType#UNKNOWN_FUNCTION}, or {@link ProblemType#FUNCTION_FAILED} if the function of a correction does not
     *     run on the decision's state
     */
    public FeedbackStore.Taken take(Caller caller, String id, Feedback.Statement statement) {
        Decision decision = log.get(caller.tenant(), id);
        String stage = statement.stage();
        Optional<Example> example = Optional.empty();
        if (stage != null) {
            Decision.Stage decided = stage(decision, stage);
            String correction = statement.correction();
            if (correction != null) {
                example = example(caller.tenant(), decision, decided, correction);
            }
        }
        return store.take(caller.tenant(), decision, caller.name(), statement, example.orElse(null));
    }

    private static Decision.Stage stage(Decision decision, String name) {
        return decision.stages().stream()
                .filter(stage -> stage.stage().equals(name))
                .findFirst()
                .orElseThrow(() ->
                        new PlatformException(ProblemType.UNKNOWN_STAGE, "The decision has no stage '" + name + "'"));
    }

    private Optional<Example> example(String tenant, Decision decision, Decision.Stage stage, String correction) {
        PreparedSnapshot snapshot = snapshots.of(new TaskKey(tenant, decision.task()), decision.snapshot());
        PublishedFunction right = snapshot.function(stage.stage(), correction);
        Outcome outcome =
                runner.run(tenant, right, arguments(snapshot, decision, stage), snapshot.outputSchemas(stage.stage()));
        return switch (outcome) {
            case Outcome.Produced(Object output) -> Example.of(decision, snapshot, stage, right, output);
            case Outcome.Failed(String cause) ->
                throw new PlatformException(
                        ProblemType.FUNCTION_FAILED,
                        "Function '" + correction + "' can not be the right one here, it fails: " + cause,
                        Map.of("stage", stage.stage(), "function", correction, "cause", cause));
        };
    }

    private static Arguments arguments(PreparedSnapshot snapshot, Decision decision, Decision.Stage until) {
        Map<String, Object> earlier = new LinkedHashMap<>();
        decision.stages().stream()
                .takeWhile(stage -> !stage.stage().equals(until.stage()))
                .forEach(stage -> earlier.put(stage.stage(), stage.output()));
        return Arguments.of(snapshot.task(), decision).with(earlier);
    }
}
