package io.logicdistillation.functionbase.snapshot;

import io.logicdistillation.contracts.Page;
import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.contracts.ProblemType;
import io.logicdistillation.contracts.Snapshot;
import io.logicdistillation.functionbase.function.FunctionStore;
import io.logicdistillation.functionbase.json.CanonicalJson;
import io.logicdistillation.functionbase.task.StoredTask;
import io.logicdistillation.functionbase.task.TaskStore;
import io.logicdistillation.functionbase.tenant.Paging;
import io.logicdistillation.functionbase.tenant.TenantTransactions;
import io.logicdistillation.kit.Caller;
import java.net.URI;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.context.request.WebRequest;

@RestController
@RequestMapping("/v1/tasks/{task}/snapshots")
class SnapshotEndpoints {
    private static final int LONGEST_REASON = 1_000;

    private final Publication publication;
    private final TenantTransactions transactions;
    private final TaskStore tasks;
    private final SnapshotStore snapshots;
    private final FunctionStore functions;

    SnapshotEndpoints(
            Publication publication,
            TenantTransactions transactions,
            TaskStore tasks,
            SnapshotStore snapshots,
            FunctionStore functions) {
        this.publication = publication;
        this.transactions = transactions;
        this.tasks = tasks;
        this.snapshots = snapshots;
        this.functions = functions;
    }

    /** Why a snapshot is made the active one; for whoever reads the record later. */
    record ActivationRequest(@Nullable String reason) {
        ActivationRequest {
            if (reason != null && reason.length() > LONGEST_REASON) {
                throw new PlatformException(
                        ProblemType.INVALID_REQUEST, "reason is longer than " + LONGEST_REASON + " characters");
            }
            CanonicalJson.of(reason == null ? "" : reason);
        }
    }

    @PostMapping
    ResponseEntity<Snapshot> publish(@PathVariable String task) {
        Caller caller = Caller.current();
        Publication.Published published = publication.publish(caller, task);
        return ResponseEntity.status(published.fresh() ? HttpStatus.CREATED : HttpStatus.OK)
                .location(URI.create("/v1/tasks/" + task + "/snapshots/" + published.hash()))
                .eTag(etag(published.hash()))
                .body(read(caller.tenant(), task, published.hash()));
    }

    @GetMapping
    Page<SnapshotSummary> list(
            @PathVariable String task,
            @RequestParam(required = false) @Nullable String cursor,
            @RequestParam(required = false) @Nullable Integer limit) {
        Paging paging = Paging.of(cursor, limit);
        int after = number(paging.after());
        String tenant = Caller.current().tenant();
        StoredTask stored = tasks.get(tenant, task);
        return paging.page(
                transactions.in(tenant, database -> snapshots.page(database, tenant, stored, after, paging)),
                summary -> Integer.toString(summary.number()));
    }

    /** The whole snapshot, or 304 for a client that has it: polling {@code active} costs one small query. */
    @GetMapping("/{snapshot}")
    @Nullable
    ResponseEntity<Snapshot> get(@PathVariable String task, @PathVariable String snapshot, WebRequest request) {
        String tenant = Caller.current().tenant();
        if (snapshot.equals(SnapshotStore.ACTIVE)) {
            String hash = transactions.in(tenant, database -> snapshots.activeHash(database, tenant, task));
            if (request.checkNotModified(etag(hash))) {
                return null;
            }
        }
        Snapshot content = read(tenant, task, snapshot);
        if (request.checkNotModified(etag(content.snapshot()))) {
            return null;
        }
        return ResponseEntity.ok().eTag(etag(content.snapshot())).body(content);
    }

    @PostMapping("/{snapshot}/activations")
    ResponseEntity<Activation> activate(
            @PathVariable String task,
            @PathVariable String snapshot,
            @RequestBody(required = false) @Nullable ActivationRequest activation) {
        Caller caller = Caller.current();
        String reason = activation == null ? null : activation.reason();
        Activation made = transactions.in(caller.tenant(), database -> {
            StoredTask locked = tasks.lock(database, caller.tenant(), task);
            StoredSnapshot target = snapshots.get(database, caller.tenant(), task, snapshot);
            return snapshots.activate(database, caller, locked, target.id(), reason);
        });
        return ResponseEntity.status(HttpStatus.CREATED).body(made);
    }

    private Snapshot read(String tenant, String task, String snapshot) {
        return transactions.in(tenant, database -> {
            StoredSnapshot stored = snapshots.get(database, tenant, task, snapshot);
            return new Snapshot(
                    stored.hash(),
                    task,
                    stored.number(),
                    stored.active(),
                    stored.publishedAt(),
                    stored.definition(),
                    functions.ofSnapshot(database, tenant, stored.id()));
        });
    }

    private static String etag(String hash) {
        return '"' + hash + '"';
    }

    private static int number(String cursor) {
        try {
            return cursor.isEmpty() ? 0 : Integer.parseInt(cursor);
        } catch (NumberFormatException notOurs) {
            throw new PlatformException(ProblemType.INVALID_REQUEST, "cursor is not one that this list gave");
        }
    }
}
