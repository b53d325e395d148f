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
import io.micrometer.core.instrument.MeterRegistry;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** Takes feedback in; a correction is tried out on the decision's own state before it may teach anybody. Thread-safe. */
public final class FeedbackDesk {
    private final DecisionLog log;
    private final Snapshots snapshots;
    private final FunctionRunner runner;
    private final FeedbackStore store;
    private final MeterRegistry meters;
    private final Judgements judgements;

    FeedbackDesk(
            DecisionLog log, Snapshots snapshots, FunctionRunner runner, FeedbackStore store, MeterRegistry meters) {
        this.log = log;
        this.snapshots = snapshots;
        this.runner = runner;
        this.store = store;
        this.meters = meters;
        this.judgements = new Judgements(meters);
    }

    /**
     * @throws PlatformException {@link ProblemType#UNKNOWN_DECISION}, {@link ProblemType#UNKNOWN_STAGE},
     *     {@link ProblemType#UNKNOWN_FUNCTION}, or {@link ProblemType#FUNCTION_FAILED} if the function of a correction does not
     *     run on the decision's state
     */
    public FeedbackStore.Taken take(Caller caller, String id, Feedback.Statement statement) {
        Decision decision = log.get(caller.tenant(), id);
        String stage = statement.stage();
        String correction = statement.correction();
        if (stage == null) {
            return store.take(caller.tenant(), decision, caller.name(), statement, null);
        }
        Decision.Stage decided = stage(decision, stage);
        Optional<Example> example =
                correction == null ? Optional.empty() : example(caller.tenant(), decision, decided, correction);
        FeedbackStore.Taken taken =
                store.take(caller.tenant(), decision, caller.name(), statement, example.orElse(null));
        if (correction != null && taken.fresh()) {
            countWhetherFound(decided, correction);
            judge(decided, correction);
        }
        return taken;
    }

    /** Recall@K against the teacher's choice, whoever teaches: whether the search had shown what should have been chosen. */
    private void countWhetherFound(Decision.Stage decided, String correction) {
        boolean searched =
                decided.candidates().stream().anyMatch(candidate -> candidate.origin() == Decision.Origin.RETRIEVED);
        if (searched && !isTaughtAmongCandidates(decided, correction)) {
            meters.counter("teacher.choices", "found", isShown(decided, correction) ? "yes" : "no")
                    .increment();
        }
    }

    /** A teacher's verdict was counted when it fell, with what it said of stages that it did not decide. */
    private void judge(Decision.Stage decided, String correction) {
        boolean studentsOwn = decided.decidedBy() == Decision.DecidedBy.STUDENT;
        decided.candidates().stream()
                .filter(candidate -> studentsOwn && candidate.function().equals(decided.chosen()))
                .map(Decision.Candidate::probability)
                .filter(Objects::nonNull)
                .forEach(probability -> judgements.byCorrection(probability, correction.equals(decided.chosen())));
    }

    /** A teacher that was asked about the candidates alone could name no other function, so what it chose says nothing. */
    private static boolean isTaughtAmongCandidates(Decision.Stage decided, String correction) {
        Decision.Doubt doubt = decided.doubt();
        return isTaught(decided, correction) && doubt != null && doubt.cause() == Decision.Cause.NOT_SURE;
    }

    private static boolean isTaught(Decision.Stage decided, String correction) {
        return decided.decidedBy() == Decision.DecidedBy.TEACHER
                && decided.chosen().equals(correction);
    }

    /** What the teacher added to the candidates was scored by nobody. */
    private static boolean isShown(Decision.Stage decided, String correction) {
        boolean taught = isTaught(decided, correction);
        return decided.candidates().stream()
                .anyMatch(candidate ->
                        candidate.function().equals(correction) && !(taught && candidate.probability() == null));
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
