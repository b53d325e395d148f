package io.logicdistillation.functionbase.coverage;

import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.contracts.ProblemType;
import io.logicdistillation.kit.Caller;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

@RestController
@RequestMapping("/v1/tasks/{task}/snapshots/{snapshot}/coverage")
class CoverageEndpoints {
    private static final int USUAL_STATES = 200;
    private static final int MOST_STATES = 1_000;

    private final Coverages coverages;

    CoverageEndpoints(Coverages coverages) {
        this.coverages = coverages;
    }

    /** Shows which functions nobody needs; stores nothing. */
    @GetMapping
    Coverage get(
            @PathVariable String task,
            @PathVariable String snapshot,
            @RequestParam(required = false) @Nullable Integer states,
            @RequestParam(required = false) @Nullable Instant from,
            @RequestParam(required = false) @Nullable Instant to) {
        int asked = states == null ? USUAL_STATES : states;
        if (asked < 0 || asked > MOST_STATES) {
            throw new PlatformException(ProblemType.INVALID_REQUEST, "states must lie between 0 and " + MOST_STATES);
        }
        if (from != null && to != null && !from.isBefore(to)) {
            throw new PlatformException(ProblemType.INVALID_REQUEST, "from must lie before to");
        }
        return coverages.of(Caller.current().tenant(), new Coverages.Asked(task, snapshot, asked, from, to));
    }
}
