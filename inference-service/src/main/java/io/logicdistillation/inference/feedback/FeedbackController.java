package io.logicdistillation.inference.feedback;

import io.logicdistillation.contracts.Names;
import io.logicdistillation.contracts.Page;
import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.contracts.ProblemType;
import io.logicdistillation.inference.decisionlog.DecisionLog;
import io.logicdistillation.kit.Caller;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Feedback about decisions, and the examples that corrections make. */
@RestController
class FeedbackController {
    private static final int LARGEST_PAGE = 200;
    private static final String NDJSON = "application/x-ndjson";

    private final FeedbackDesk desk;
    private final FeedbackStore store;
    private final DecisionLog log;

    FeedbackController(FeedbackDesk desk, FeedbackStore store, DecisionLog log) {
        this.desk = desk;
        this.store = store;
        this.log = log;
    }

    /** 201 for what is new, 200 for what its author said last anyway. */
    @PostMapping("/v1/decisions/{id}/feedback")
    ResponseEntity<Feedback.Wire> take(@PathVariable String id, @RequestBody Feedback.Statement statement) {
        FeedbackStore.Taken taken = desk.take(Caller.current(), id, statement);
        return ResponseEntity.status(taken.fresh() ? HttpStatus.CREATED : HttpStatus.OK)
                .body(taken.feedback().wire());
    }

    @GetMapping("/v1/decisions/{id}/feedback")
    Page<Feedback.Wire> list(
            @PathVariable String id,
            @RequestParam(required = false) @Nullable String cursor,
            @RequestParam(defaultValue = "50") int limit) {
        if (limit < 1 || limit > LARGEST_PAGE) {
            throw new PlatformException(ProblemType.INVALID_REQUEST, "limit must lie between 1 and " + LARGEST_PAGE);
        }
        String tenant = Caller.current().tenant();
        return store.list(tenant, log.get(tenant, id).id(), before(cursor), limit);
    }

    private static @Nullable UUID before(@Nullable String cursor) {
        try {
            return cursor == null ? null : UUID.fromString(cursor);
        } catch (IllegalArgumentException none) {
            throw new PlatformException(
                    ProblemType.INVALID_REQUEST, "cursor is not one that this service gave out", none);
        }
    }

    /** Every corrected stage as a row of a dataset, a line each; read in small transactions and written as it is read. */
    @GetMapping(path = "/v1/tasks/{task}/corrections", produces = NDJSON)
    void corrections(
            @PathVariable String task,
            @RequestParam(required = false) @Nullable Instant since,
            @RequestParam(required = false) @Nullable String by,
            HttpServletResponse response)
            throws IOException {
        Names.requireName("task", task);
        Correctors correctors = Correctors.of(by);
        String tenant = Caller.current().tenant();
        List<FeedbackStore.StoredExample> some = store.examples(tenant, task, null, since, correctors);
        response.setContentType(NDJSON);
        OutputStream out = response.getOutputStream();
        while (!some.isEmpty()) {
            for (FeedbackStore.StoredExample example : some) {
                out.write(example.json().getBytes(StandardCharsets.UTF_8));
                out.write('\n');
            }
            some = store.examples(tenant, task, some.getLast(), since, correctors);
        }
        out.flush();
    }
}
