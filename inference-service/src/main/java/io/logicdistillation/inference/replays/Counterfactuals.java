package io.logicdistillation.inference.replays;

import io.logicdistillation.contracts.Decision;
import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.contracts.ProblemType;
import io.logicdistillation.inference.decisionlog.DecisionLog;
import io.logicdistillation.inference.functionbase.PreparedSnapshot;
import io.logicdistillation.inference.functionbase.Snapshots;
import io.logicdistillation.inference.sandbox.Outcome;
import io.logicdistillation.inference.upstream.TaskKey;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Runs other functions in place of those that were chosen. The stages after it keep their recorded functions: no model is
 * asked, so the answer is exact and the same every time. Thread-safe.
 */
final class Counterfactuals {
    /** Shorter than the gateway's patience: many slow functions may be asked for at once. */
    private static final Duration LONGEST = Duration.ofSeconds(25);

    private final DecisionLog log;
    private final Snapshots snapshots;
    private final Rerun rerun;

    Counterfactuals(DecisionLog log, Snapshots snapshots, Rerun rerun) {
        this.log = log;
        this.snapshots = snapshots;
        this.rerun = rerun;
    }

    /**
     * @throws PlatformException if there is no such decision, its snapshot is gone, the decision has no such stage or the
     *     snapshot no such function
     */
    Counterfactual.Report of(String tenant, String id, Counterfactual.Request request) {
        Decision decision = log.get(tenant, id);
        PreparedSnapshot snapshot = snapshots.of(new TaskKey(tenant, decision.task()), decision.snapshot());
        if (request.stage() != null) {
            snapshot.task().stage(request.stage());
        }
        long start = System.nanoTime();
        List<Counterfactual> found = new ArrayList<>();
        for (int i = 0; i < decision.stages().size(); i++) {
            for (String function : alternatives(decision.stages().get(i), request)) {
                if (System.nanoTime() - start > LONGEST.toNanos()) {
                    throw new PlatformException(
                            ProblemType.UPSTREAM_TIMEOUT,
                            "The functions run too long; ask for one stage, or for fewer");
                }
                found.add(counterfactual(tenant, snapshot, decision, i, function));
            }
        }
        return new Counterfactual.Report(id, snapshot.id(), decision.output(), found);
    }

    private static List<String> alternatives(Decision.Stage stage, Counterfactual.Request request) {
        if (request.stage() != null && !request.stage().equals(stage.stage())) {
            return List.of();
        }
        if (request.function() != null) {
            return List.of(request.function());
        }
        return stage.candidates().stream()
                .map(Decision.Candidate::function)
                .filter(function -> !function.equals(stage.chosen()))
                .limit(request.atMost())
                .toList();
    }

    private Counterfactual counterfactual(
            String tenant, PreparedSnapshot snapshot, Decision decision, int place, String function) {
        Decision.Stage asked = decision.stages().get(place);
        List<Rerun.Step> steps = rerun.run(
                tenant,
                snapshot,
                decision,
                place,
                stage -> stage.stage().equals(asked.stage()) ? function : stage.chosen());
        Outcome last = steps.getLast().outcome();
        Object output = output(last);
        return new Counterfactual(
                asked.stage(),
                function,
                asked.chosen(),
                probability(asked, function),
                output != null && Outputs.same(output, decision.output()),
                output,
                last instanceof Outcome.Failed(String cause) ? cause : null,
                steps.stream().map(Counterfactuals::stage).toList());
    }

    private static Counterfactual.Stage stage(Rerun.Step step) {
        return new Counterfactual.Stage(
                step.recorded().stage(), step.function(), step.sameView(), output(step.outcome()));
    }

    private static @Nullable Object output(Outcome outcome) {
        return outcome instanceof Outcome.Produced(Object output) ? output : null;
    }

    private static @Nullable Double probability(Decision.Stage stage, String function) {
        Optional<Decision.Candidate> candidate = stage.candidates().stream()
                .filter(each -> each.function().equals(function))
                .findFirst();
        return candidate.map(Decision.Candidate::probability).orElse(null);
    }
}
