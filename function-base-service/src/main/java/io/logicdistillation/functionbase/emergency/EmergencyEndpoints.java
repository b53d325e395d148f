package io.logicdistillation.functionbase.emergency;

import io.logicdistillation.contracts.Page;
import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.contracts.ProblemType;
import io.logicdistillation.functionbase.generation.Generation;
import io.logicdistillation.functionbase.task.StoredTask;
import io.logicdistillation.functionbase.task.TaskStore;
import io.logicdistillation.functionbase.tenant.TenantTransactions;
import io.logicdistillation.kit.Caller;
import io.logicdistillation.kit.Paging;
import java.net.URI;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ResponseEntity;
import org.springframework.stereotype.Component;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

@RestController
@RequestMapping("/v1/tasks/{task}/emergencies")
class EmergencyEndpoints {
    private final Answers answers;
    private final EmergencyStore store;
    private final TaskStore tasks;
    private final TenantTransactions transactions;

    EmergencyEndpoints(Answers answers, EmergencyStore store, TaskStore tasks, TenantTransactions transactions) {
        this.answers = answers;
        this.store = store;
        this.tasks = tasks;
        this.transactions = transactions;
    }

    /** The ways in which an emergency is answered. */
    @Component
    record Answers(Emergencies emergencies, Previews previews, WrittenAnswers written) {}

    /**
     * Pins the function that answers a situation; as a preview it only shows what that would change. Where the L-LLM writes the
     * function first, the answer is that generation.
     */
    @PostMapping
    ResponseEntity<Object> face(
            @PathVariable String task,
            @RequestParam(defaultValue = "false") boolean preview,
            @RequestBody EmergencyRequest request) {
        Caller caller = Caller.current();
        request.requireWellFormed();
        Instant expiresAt = request.expiresAt();
        if (expiresAt != null && !expiresAt.isAfter(Instant.now())) {
            throw new PlatformException(ProblemType.INVALID_REQUEST, "expiresAt is over already");
        }
        if (request.asksForFunction()) {
            Generation started = answers.written().start(caller, task, request, preview);
            return ResponseEntity.created(URI.create("/v1/tasks/" + task + "/generations/" + started.id()))
                    .body(started);
        }
        if (preview) {
            Emergencies.Active active = answers.emergencies().active(caller, task);
            answers.emergencies().verify(caller, active, request);
            return ResponseEntity.ok(answers.previews()
                    .of(caller.tenant(), active.snapshot().definition(), active.definitions(), request));
        }
        Emergency pinned = answers.emergencies().pin(caller, task, request);
        return ResponseEntity.accepted()
                .location(URI.create("/v1/tasks/" + task + "/emergencies/" + pinned.id()))
                .body(pinned);
    }

    @GetMapping
    Page<Emergency> list(
            @PathVariable String task,
            @RequestParam(required = false) @Nullable String cursor,
            @RequestParam(required = false) @Nullable Integer limit) {
        Paging paging = Paging.of(cursor, limit);
        return tasks.pageOf(
                Caller.current().tenant(),
                task,
                paging,
                (database, of) -> store.page(database, of, paging),
                Emergency::id);
    }

    @GetMapping("/{id}")
    Emergency get(@PathVariable String task, @PathVariable String id) {
        String tenant = Caller.current().tenant();
        StoredTask stored = tasks.get(tenant, task);
        return transactions.in(tenant, database -> store.get(database, stored, id));
    }

    /** Takes the function out of the candidates again. */
    @DeleteMapping("/{id}")
    Emergency remove(@PathVariable String task, @PathVariable String id) {
        return answers.emergencies().end(Caller.current(), task, id, Emergency.Status.REMOVED);
    }
}
