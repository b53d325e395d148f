package io.logicdistillation.inference.replays;

import io.logicdistillation.inference.decisionlog.DecisionLog;
import io.logicdistillation.inference.functionbase.Snapshots;
import io.logicdistillation.inference.sandbox.FunctionRunner;
import io.logicdistillation.kit.Caller;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;

/** Answers whether a decision would still come out as it did. */
@RestController
class ReplayController {
    private final Replayer replayer;

    ReplayController(DecisionLog log, Snapshots snapshots, FunctionRunner runner) {
        this.replayer = new Replayer(log, snapshots, runner);
    }

    @PostMapping("/v1/decisions/{id}/replays")
    Replay replay(@PathVariable String id) {
        return replayer.replay(Caller.current().tenant(), id);
    }
}
