package io.logicdistillation.inference.decisionlog;

import io.logicdistillation.contracts.Decision;
import io.logicdistillation.contracts.Names;
import io.logicdistillation.contracts.Page;
import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.contracts.ProblemType;
import io.logicdistillation.kit.Caller;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Reads the log. */
@RestController
class DecisionLogController {
    private static final int LARGEST_PAGE = 200;

    private final DecisionLog log;

    DecisionLogController(DecisionLog log) {
        this.log = log;
    }

    @GetMapping("/v1/decisions/{id}")
    Decision decision(@PathVariable String id) {
        return log.get(Caller.current().tenant(), id);
    }

    @GetMapping("/v1/tasks/{task}/decisions")
    Page<Decision> decisions(
            @PathVariable String task,
            @RequestParam(required = false) @Nullable String cursor,
            @RequestParam(defaultValue = "50") int limit,
            @RequestParam(required = false) @Nullable String episode) {
        Names.requireName("task", task);
        if (limit < 1 || limit > LARGEST_PAGE) {
            throw new PlatformException(ProblemType.INVALID_REQUEST, "limit must lie between 1 and " + LARGEST_PAGE);
        }
        return log.list(Caller.current().tenant(), task, cursor, limit, episode);
    }
}
