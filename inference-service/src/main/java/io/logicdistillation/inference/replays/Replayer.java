package io.logicdistillation.inference.replays;

import io.logicdistillation.contracts.Decision;
import io.logicdistillation.contracts.StageDefinition;
import io.logicdistillation.inference.decisionlog.DecisionLog;
import io.logicdistillation.inference.functionbase.PreparedSnapshot;
import io.logicdistillation.inference.functionbase.Snapshots;
import io.logicdistillation.inference.sandbox.Arguments;
import io.logicdistillation.inference.sandbox.FunctionRunner;
import io.logicdistillation.inference.sandbox.Outcome;
import io.logicdistillation.inference.upstream.TaskKey;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/** Runs recorded choices again; asks no model and no search, so nothing but views and functions can differ. Thread-safe. */
final class Replayer {
    private static final JsonMapper JSON = JsonMapper.shared();

    private final DecisionLog log;
    private final Snapshots snapshots;
    private final FunctionRunner runner;

    Replayer(DecisionLog log, Snapshots snapshots, FunctionRunner runner) {
        this.log = log;
        this.snapshots = snapshots;
        this.runner = runner;
    }

    /** @throws io.logicdistillation.contracts.PlatformException if there is no such decision, or its snapshot is gone */
    Replay replay(String tenant, String id) {
        Decision decision = log.get(tenant, id);
        PreparedSnapshot snapshot = snapshots.of(new TaskKey(tenant, decision.task()), decision.snapshot());
        Map<String, Object> state = decision.state() == null ? Map.of() : decision.state();
        Map<String, Object> earlier = new LinkedHashMap<>();
        Arguments arguments = Arguments.of(state);
        List<Replay.Stage> stages = new ArrayList<>();
        Object output = null;
        for (Decision.Stage recorded : decision.stages()) {
            Replay.Stage replayed = replay(tenant, snapshot, recorded, arguments);
            stages.add(replayed);
            output = replayed.replayed();
            if (output == null) {
                break;
            }
            earlier.put(recorded.stage(), output);
            arguments = arguments.with(earlier);
        }
        return new Replay(id, snapshot.id(), stages.stream().allMatch(Replay.Stage::same), output, List.copyOf(stages));
    }

    private Replay.Stage replay(
            String tenant, PreparedSnapshot snapshot, Decision.Stage recorded, Arguments arguments) {
        StageDefinition stage = snapshot.task().stage(recorded.stage());
        boolean sameView = runner.view(tenant, stage, arguments).equals(recorded.view());
        Outcome outcome = runner.run(
                tenant,
                snapshot.function(recorded.stage(), recorded.chosen()),
                arguments,
                snapshot.outputSchemas(recorded.stage()));
        return switch (outcome) {
            case Outcome.Failed failed -> stage(recorded, failed.cause(), null);
            case Outcome.Produced produced -> {
                boolean sameOutput = JSON.valueToTree(produced.output()).equals(JSON.valueToTree(recorded.output()));
                String cause = !sameOutput ? "The output differs" : !sameView ? "The view differs" : null;
                yield stage(recorded, cause, produced.output());
            }
        };
    }

    private static Replay.Stage stage(Decision.Stage recorded, @Nullable String cause, @Nullable Object replayed) {
        return new Replay.Stage(recorded.stage(), recorded.chosen(), cause == null, cause, recorded.output(), replayed);
    }
}
