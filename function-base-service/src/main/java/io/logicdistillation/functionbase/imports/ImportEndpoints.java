package io.logicdistillation.functionbase.imports;

import io.logicdistillation.contracts.Names;
import io.logicdistillation.contracts.Page;
import io.logicdistillation.functionbase.background.EventStreams;
import io.logicdistillation.functionbase.snapshot.SnapshotHeader;
import io.logicdistillation.functionbase.tenant.TenantTransactions;
import io.logicdistillation.kit.Caller;
import io.logicdistillation.kit.Paging;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.net.URI;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.servlet.mvc.method.annotation.SseEmitter;

/** Imports over HTTP. The task need not exist: an import that comes to its end makes it. */
@RestController
@RequestMapping("/v1/tasks/{task}/imports")
class ImportEndpoints {
    private final Uploads uploads;
    private final Imports imports;
    private final ImportStore store;
    private final EventStreams streams;
    private final TenantTransactions transactions;

    ImportEndpoints(
            Uploads uploads,
            Imports imports,
            ImportStore store,
            EventStreams streams,
            TenantTransactions transactions) {
        this.uploads = uploads;
        this.imports = imports;
        this.store = store;
        this.streams = streams;
        this.transactions = transactions;
    }

    /** Reads the body as it comes. 200 where the same snapshot is here already, or on its way. */
    @PostMapping(consumes = SnapshotHeader.NDJSON)
    ResponseEntity<Import> upload(@PathVariable String task, HttpServletRequest request) throws IOException {
        Uploads.Taken taken = uploads.take(Caller.current(), Names.requireName("task", task), request.getInputStream());
        return ResponseEntity.status(taken.fresh() ? HttpStatus.ACCEPTED : HttpStatus.OK)
                .location(URI.create(
                        "/v1/tasks/" + task + "/imports/" + taken.of().id()))
                .body(taken.of());
    }

    /** The newest first. */
    @GetMapping
    Page<Import> list(
            @PathVariable String task,
            @RequestParam(required = false) @Nullable String cursor,
            @RequestParam(required = false) @Nullable Integer limit) {
        Paging paging = Paging.of(cursor, limit);
        String tenant = Caller.current().tenant();
        return paging.page(
                transactions.in(tenant, database -> store.page(database, tenant, task, paging.after(), paging)),
                Import::id);
    }

    @GetMapping("/{id}")
    Import get(@PathVariable String task, @PathVariable String id) {
        String tenant = Caller.current().tenant();
        return transactions.in(tenant, database -> store.get(database, tenant, task, id));
    }

    @DeleteMapping("/{id}")
    Import cancel(@PathVariable String task, @PathVariable String id) {
        return imports.cancel(Caller.current(), task, id);
    }

    /** Everything from the beginning, or from the event after the one that the client saw last, until the import has ended. */
    @GetMapping(path = "/{id}/events", produces = MediaType.TEXT_EVENT_STREAM_VALUE)
    SseEmitter events(
            @PathVariable String task,
            @PathVariable String id,
            @RequestHeader(name = "Last-Event-ID", required = false) @Nullable String lastSeen) {
        UUID found = UUID.fromString(get(task, id).id());
        return streams.open(Caller.current().tenant(), found, lastSeen, store);
    }
}
