package io.logicdistillation.inference.replays;

import io.logicdistillation.inference.decisionlog.DecisionLog;
import io.logicdistillation.inference.functionbase.Snapshots;
import io.logicdistillation.inference.sandbox.FunctionRunner;
import io.logicdistillation.kit.Caller;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;

/** Answers whether a decision would still come out as it did, and what would have come of other choices. */
@RestController
class ReplayController {
    private final Replayer replayer;
    private final Counterfactuals counterfactuals;

    ReplayController(DecisionLog log, Snapshots snapshots, FunctionRunner runner) {
        Rerun rerun = new Rerun(runner);
        this.replayer = new Replayer(log, snapshots, rerun);
        this.counterfactuals = new Counterfactuals(log, snapshots, rerun);
    }

    @PostMapping("/v1/decisions/{id}/replays")
    Replay replay(@PathVariable String id) {
        return replayer.replay(Caller.current().tenant(), id);
    }

    @PostMapping("/v1/decisions/{id}/counterfactuals")
    Counterfactual.Report counterfactuals(
            @PathVariable String id, @RequestBody(required = false) Counterfactual.@Nullable Request request) {
        return counterfactuals.of(
                Caller.current().tenant(), id, request == null ? Counterfactual.Request.everything() : request);
    }
}
