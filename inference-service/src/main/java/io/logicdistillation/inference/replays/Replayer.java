package io.logicdistillation.inference.replays;

import io.logicdistillation.contracts.Decision;
import io.logicdistillation.inference.decisionlog.DecisionLog;
import io.logicdistillation.inference.decisionlog.LoggedDecision;
import io.logicdistillation.inference.functionbase.PreparedSnapshot;
import io.logicdistillation.inference.functionbase.Snapshots;
import io.logicdistillation.inference.sandbox.Outcome;
import io.logicdistillation.inference.upstream.TaskKey;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Runs recorded choices again; asks no model and no search, so nothing but views and functions can differ. Thread-safe. */
final class Replayer {
    private final DecisionLog log;
    private final Snapshots snapshots;
    private final Rerun rerun;

    Replayer(DecisionLog log, Snapshots snapshots, Rerun rerun) {
        this.log = log;
        this.snapshots = snapshots;
        this.rerun = rerun;
    }

    /** @throws io.logicdistillation.contracts.PlatformException if there is no such decision, or its snapshot is gone */
    Replay replay(String tenant, String id) {
        LoggedDecision logged = log.logged(tenant, id);
        Decision decision = logged.decision();
        PreparedSnapshot snapshot = snapshots.of(new TaskKey(tenant, decision.task()), decision.snapshot());
        List<Replay.Stage> stages = rerun.run(tenant, snapshot, decision, 0, Decision.Stage::chosen).stream()
                .map(Replayer::stage)
                .toList();
        return new Replay(
                id,
                snapshot.id(),
                stages.stream().allMatch(Replay.Stage::same),
                stages.getLast().replayed(),
                logged.redacted(),
                stages);
    }

    private static Replay.Stage stage(Rerun.Step step) {
        return switch (step.outcome()) {
            case Outcome.Failed failed -> stage(step.recorded(), failed.cause(), null);
            case Outcome.Produced produced -> {
                boolean sameOutput =
                        Outputs.same(produced.output(), step.recorded().output());
                String cause = !sameOutput ? "The output differs" : !step.sameView() ? "The view differs" : null;
                yield stage(step.recorded(), cause, produced.output());
            }
        };
    }

    private static Replay.Stage stage(Decision.Stage recorded, @Nullable String cause, @Nullable Object replayed) {
        return new Replay.Stage(recorded.stage(), recorded.chosen(), cause == null, cause, recorded.output(), replayed);
    }
}
