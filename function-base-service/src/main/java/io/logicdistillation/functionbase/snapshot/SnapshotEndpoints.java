package io.logicdistillation.functionbase.snapshot;

import io.logicdistillation.contracts.Page;
import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.contracts.ProblemType;
import io.logicdistillation.contracts.Snapshot;
import io.logicdistillation.functionbase.audit.AuditTrail;
import io.logicdistillation.functionbase.task.StoredTask;
import io.logicdistillation.functionbase.task.TaskStore;
import io.logicdistillation.functionbase.tenant.TenantTransactions;
import io.logicdistillation.kit.Caller;
import io.logicdistillation.kit.Paging;
import java.net.URI;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.stereotype.Component;
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
    /** In the address of an activation: whichever snapshot decided before the active one. */
    private static final String PREVIOUS = "previous";

    private final Publishing publishing;
    private final TenantTransactions transactions;
    private final TaskStore tasks;
    private final SnapshotStore snapshots;
    private final SnapshotReader reader;

    SnapshotEndpoints(
            Publishing publishing,
            TenantTransactions transactions,
            TaskStore tasks,
            SnapshotStore snapshots,
            SnapshotReader reader) {
        this.publishing = publishing;
        this.transactions = transactions;
        this.tasks = tasks;
        this.snapshots = snapshots;
        this.reader = reader;
    }

    /** Why a snapshot is made the active one; for whoever reads the record later. */
    record ActivationRequest(@Nullable String reason) {
        ActivationRequest {
            AuditTrail.checked(reason);
        }
    }

    /** The two ways in which a snapshot comes to be. */
    @Component
    record Publishing(Publication publication, Import imports) {}

    /** Publishes the drafts, or takes the snapshot in the body, which another installation gave out. */
    @PostMapping
    ResponseEntity<Snapshot> publish(
            @PathVariable String task, @RequestBody(required = false) @Nullable PublicationRequest request) {
        Caller caller = Caller.current();
        Publication.Published published = request != null && request.isImport()
                ? publishing.imports().take(caller, task, request)
                : publishing.publication().publish(caller, task);
        return ResponseEntity.status(published.fresh() ? HttpStatus.CREATED : HttpStatus.OK)
                .location(URI.create("/v1/tasks/" + task + "/snapshots/" + published.hash()))
                .eTag(etag(published.hash()))
                .body(reader.read(caller.tenant(), task, published.hash()));
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
            if (request.checkNotModified(etag(reader.activeTag(tenant, task)))) {
                return null;
            }
        }
        Snapshot content = reader.read(tenant, task, snapshot);
        if (request.checkNotModified(etag(SnapshotReader.tag(content)))) {
            return null;
        }
        return ResponseEntity.ok().eTag(etag(SnapshotReader.tag(content))).body(content);
    }

    @GetMapping("/{snapshot}/diff")
    SnapshotDiff diff(@PathVariable String task, @PathVariable String snapshot, @RequestParam String to) {
        String tenant = Caller.current().tenant();
        return SnapshotDiff.of(reader.read(tenant, task, snapshot), reader.read(tenant, task, to));
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
            long target = snapshot.equals(PREVIOUS)
                    ? snapshots.previous(database, locked)
                    : snapshots.get(database, caller.tenant(), task, snapshot).id();
            return snapshots.activate(database, caller, locked, target, reason);
        });
        return ResponseEntity.status(HttpStatus.CREATED).body(made);
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
