package io.logicdistillation.functionbase.generation;

import io.logicdistillation.contracts.Page;
import io.logicdistillation.functionbase.background.EventStreams;
import io.logicdistillation.functionbase.task.TaskStore;
import io.logicdistillation.functionbase.tenant.TenantTransactions;
import io.logicdistillation.kit.Caller;
import io.logicdistillation.kit.Paging;
import java.net.URI;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.servlet.mvc.method.annotation.SseEmitter;

@RestController
@RequestMapping("/v1/tasks/{task}/generations")
class GenerationEndpoints {
    private final Generations generations;
    private final GenerationStore store;
    private final EventStreams streams;
    private final TaskStore tasks;
    private final TenantTransactions transactions;

    GenerationEndpoints(
            Generations generations,
            GenerationStore store,
            EventStreams streams,
            TaskStore tasks,
            TenantTransactions transactions) {
        this.generations = generations;
        this.store = store;
        this.streams = streams;
        this.tasks = tasks;
        this.transactions = transactions;
    }

    @PostMapping
    ResponseEntity<Generation> start(
            @PathVariable String task, @RequestBody(required = false) @Nullable GenerationRequest request) {
        Generation started =
                generations.start(Caller.current(), task, request == null ? GenerationRequest.USUAL : request);
        return ResponseEntity.accepted()
                .location(URI.create("/v1/tasks/" + task + "/generations/" + started.id()))
                .body(started);
    }

    /** The newest first. */
    @GetMapping
    Page<Generation> list(
            @PathVariable String task,
            @RequestParam(required = false) @Nullable String cursor,
            @RequestParam(required = false) @Nullable Integer limit) {
        Paging paging = Paging.of(cursor, limit);
        return tasks.pageOf(
                Caller.current().tenant(),
                task,
                paging,
                (database, of) -> store.page(database, of.id(), paging.after(), paging),
                Generation::id);
    }

    @GetMapping("/{id}")
    Generation get(@PathVariable String task, @PathVariable String id) {
        String tenant = Caller.current().tenant();
        long of = tasks.get(tenant, task).id();
        return transactions.in(tenant, database -> store.get(database, of, id));
    }

    @DeleteMapping("/{id}")
    Generation cancel(@PathVariable String task, @PathVariable String id) {
        return generations.cancel(Caller.current(), task, id);
    }

    /** Everything from the beginning, or from the event after the one that the client saw last, until the generation has ended. */
    @GetMapping(path = "/{id}/events", produces = MediaType.TEXT_EVENT_STREAM_VALUE)
    SseEmitter events(
            @PathVariable String task,
            @PathVariable String id,
            @RequestHeader(name = "Last-Event-ID", required = false) @Nullable String lastSeen) {
        Generation generation = get(task, id);
        return streams.open(Caller.current().tenant(), UUID.fromString(generation.id()), lastSeen, store);
    }
}
