package io.logicdistillation.inference.decisions;

import io.logicdistillation.contracts.Names;
import io.logicdistillation.inference.upstream.TaskKey;
import io.logicdistillation.kit.Caller;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.json.JsonMapper;

/** Answers many states at once, as one document or a line each as they are decided. */
@RestController
class BatchController {
    private static final Logger log = LoggerFactory.getLogger(BatchController.class);

    private final Batches batches;
    private final DecisionProperties properties;
    private final JsonMapper json;

    BatchController(Batches batches, DecisionProperties properties, JsonMapper json) {
        this.batches = batches;
        this.properties = properties;
        this.json = json;
    }

    /**
     * @param items in the order of the states
     * @param decided how many of them are decisions
     */
    record BatchAnswer(List<BatchItem> items, long decided) {}

    @PostMapping(path = "/v1/tasks/{task}/decision-batches", produces = MediaType.APPLICATION_JSON_VALUE)
    BatchAnswer decide(
            @PathVariable String task,
            @RequestBody BatchRequest batch,
            @RequestHeader(name = "Idempotency-Key", required = false) @Nullable String key,
            @RequestHeader(name = "X-Deadline-Ms", required = false) @Nullable Long deadlineMillis)
            throws IOException {
        List<BatchItem> items = new ArrayList<>();
        batches.decide(key(task), batch, key, Deadline.asked(deadlineMillis, properties.deadline()), items::add);
        return new BatchAnswer(
                items, items.stream().filter(item -> item.decision() != null).count());
    }

    /** Each line goes out at once, so a client that has gone is noticed and the rest is not decided. */
    @PostMapping(path = "/v1/tasks/{task}/decision-batches", produces = MediaType.APPLICATION_NDJSON_VALUE)
    void stream(
            @PathVariable String task,
            @RequestBody BatchRequest batch,
            @RequestHeader(name = "Idempotency-Key", required = false) @Nullable String key,
            @RequestHeader(name = "X-Deadline-Ms", required = false) @Nullable Long deadlineMillis,
            HttpServletResponse response) {
        try {
            Deadline deadline = Deadline.asked(deadlineMillis, properties.batchDeadline());
            batches.decide(key(task), batch, key, deadline, item -> {
                response.setContentType(MediaType.APPLICATION_NDJSON_VALUE);
                OutputStream out = response.getOutputStream();
                out.write(json.writeValueAsBytes(item));
                out.write('\n');
                response.flushBuffer();
            });
        } catch (IOException gone) {
            log.debug("The client of a batch went away: {}", gone.toString());
        }
    }

    private static TaskKey key(String task) {
        Names.requireName("task", task);
        return new TaskKey(Caller.current().tenant(), task);
    }
}
