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
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.stereotype.Component;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.context.request.ServletWebRequest;

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
                .body(reader.read(reader.find(caller.tenant(), task, published.hash())));
    }

    @GetMapping
    Page<SnapshotSummary> list(
            @PathVariable String task,
            @RequestParam(required = false) @Nullable String cursor,
            @RequestParam(required = false) @Nullable Integer limit) {
        Paging paging = Paging.of(cursor, limit);
        int after = number(paging.after());
        String tenant = Caller.current().tenant();
        return tasks.pageOf(
                tenant,
                task,
                paging,
                (database, of) -> snapshots.page(database, tenant, of, after, paging),
                summary -> Integer.toString(summary.number()));
    }

    /** The whole snapshot, or 304 for a client that has it: polling {@code active} costs one small query. */
    @GetMapping("/{snapshot}")
    void get(@PathVariable String task, @PathVariable String snapshot, ServletWebRequest exchange) throws IOException {
        String tenant = Caller.current().tenant();
        if (isKnown(tenant, task, snapshot, exchange)) {
            return;
        }
        SnapshotReader.Content content = reader.find(tenant, task, snapshot);
        OutputStream out = begin(content.head(), exchange);
        if (out != null) {
            reader.write(content, out);
        }
    }

    /** What a client lacks that has another snapshot of the task; 304 as above. */
    @GetMapping("/{snapshot}/changes")
    void changes(
            @PathVariable String task,
            @PathVariable String snapshot,
            @RequestParam String since,
            ServletWebRequest exchange)
            throws IOException {
        String tenant = Caller.current().tenant();
        if (isKnown(tenant, task, snapshot, exchange)) {
            return;
        }
        SnapshotReader.Change change = reader.change(tenant, task, snapshot, since);
        OutputStream out = begin(change.content().head(), exchange);
        if (out != null) {
            reader.write(change, out);
        }
    }

    private boolean isKnown(String tenant, String task, String snapshot, ServletWebRequest exchange) {
        return snapshot.equals(SnapshotStore.ACTIVE) && exchange.checkNotModified(etag(reader.activeTag(tenant, task)));
    }

    /** @return where to write to; nothing if the client has it */
    private static @Nullable OutputStream begin(Snapshot head, ServletWebRequest exchange) throws IOException {
        String etag = etag(SnapshotReader.tag(head));
        HttpServletResponse response = exchange.getResponse();
        if (exchange.checkNotModified(etag) || response == null) {
            return null;
        }
        response.setHeader(HttpHeaders.ETAG, etag);
        response.setContentType(MediaType.APPLICATION_JSON_VALUE);
        return response.getOutputStream();
    }

    /** Only what differs is read of either. */
    @GetMapping("/{snapshot}/diff")
    SnapshotDiff diff(@PathVariable String task, @PathVariable String snapshot, @RequestParam String to) {
        String tenant = Caller.current().tenant();
        return SnapshotDiff.of(
                reader.read(reader.lackedBy(tenant, task, snapshot, to)),
                reader.read(reader.lackedBy(tenant, task, to, snapshot)));
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
