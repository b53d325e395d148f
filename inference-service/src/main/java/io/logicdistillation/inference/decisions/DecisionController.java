package io.logicdistillation.inference.decisions;

import io.logicdistillation.contracts.Decision;
import io.logicdistillation.contracts.DecisionRequest;
import io.logicdistillation.contracts.Names;
import io.logicdistillation.inference.decisionlog.IdempotencyKey;
import io.logicdistillation.inference.upstream.TaskKey;
import io.logicdistillation.kit.Caller;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RestController;

/** Answers states with decisions. */
@RestController
class DecisionController {
    private final Decisions decisions;
    private final RequestHashes hashes;
    private final DecisionProperties properties;

    DecisionController(Decisions decisions, RequestHashes hashes, DecisionProperties properties) {
        this.decisions = decisions;
        this.hashes = hashes;
        this.properties = properties;
    }

    /** Says what it makes, so that a client that takes a stream of events as well gets what it names first. */
    @PostMapping(path = "/v1/tasks/{task}/decisions", produces = MediaType.APPLICATION_JSON_VALUE)
    Decision decide(
            @PathVariable String task,
            @RequestBody DecisionRequest request,
            @RequestHeader(name = "Idempotency-Key", required = false) @Nullable String key,
            @RequestHeader(name = "X-Deadline-Ms", required = false) @Nullable Long deadlineMillis) {
        Names.requireName("task", task);
        return decisions.decide(
                new TaskKey(Caller.current().tenant(), task),
                request,
                key == null ? null : new IdempotencyKey(key, hashes.of(task, request)),
                Deadline.asked(deadlineMillis, properties.deadline()),
                unwatched -> {});
    }
}
