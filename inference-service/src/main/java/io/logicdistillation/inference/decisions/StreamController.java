package io.logicdistillation.inference.decisions;

import io.logicdistillation.contracts.Decision;
import io.logicdistillation.contracts.DecisionRequest;
import io.logicdistillation.contracts.Names;
import io.logicdistillation.inference.decisionlog.IdempotencyKey;
import io.logicdistillation.inference.upstream.TaskKey;
import io.logicdistillation.kit.Caller;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.json.JsonMapper;

/**
 * A decision as server-sent events: {@code stage} for each stage as it is decided, then {@code decision}, or {@code problem}
 * where something fails after the first event. What fails before is an ordinary problem. A client that goes away between two
 * stages ends the decision, and nothing is logged.
 */
@RestController
class StreamController {
    private static final Logger log = LoggerFactory.getLogger(StreamController.class);

    private final Decisions decisions;
    private final RequestHashes hashes;
    private final DecisionProperties properties;
    private final JsonMapper json;

    StreamController(Decisions decisions, RequestHashes hashes, DecisionProperties properties, JsonMapper json) {
        this.decisions = decisions;
        this.hashes = hashes;
        this.properties = properties;
        this.json = json;
    }

    @PostMapping(path = "/v1/tasks/{task}/decisions", produces = MediaType.TEXT_EVENT_STREAM_VALUE)
    void decide(
            @PathVariable String task,
            @RequestBody DecisionRequest request,
            @RequestHeader(name = "Idempotency-Key", required = false) @Nullable String key,
            @RequestHeader(name = "X-Deadline-Ms", required = false) @Nullable Long deadlineMillis,
            HttpServletResponse response) {
        Names.requireName("task", task);
        try {
            Decision decision = decisions.decide(
                    new TaskKey(Caller.current().tenant(), task),
                    request,
                    key == null ? null : new IdempotencyKey(key, hashes.of(task, request)),
                    Deadline.asked(deadlineMillis, properties.deadline()),
                    stage -> send(response, "stage", stage));
            send(response, "decision", decision);
        } catch (UncheckedIOException gone) {
            log.debug("The client of a decision went away: {}", gone.toString());
        } catch (RuntimeException failure) {
            if (!response.isCommitted()) {
                throw failure;
            }
            send(response, "problem", Objects.requireNonNull(BatchItem.problem(failure)));
        }
    }

    private void send(HttpServletResponse response, String event, Object data) {
        response.setContentType(MediaType.TEXT_EVENT_STREAM_VALUE);
        response.setHeader(HttpHeaders.CACHE_CONTROL, "no-store");
        String text = "event: " + event + "\ndata: " + json.writeValueAsString(data) + "\n\n";
        try {
            response.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
            response.flushBuffer();
        } catch (IOException gone) {
            throw new UncheckedIOException(gone);
        }
    }
}
