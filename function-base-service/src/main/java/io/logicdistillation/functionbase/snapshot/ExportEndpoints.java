package io.logicdistillation.functionbase.snapshot;

import io.logicdistillation.functionbase.function.FunctionStore;
import io.logicdistillation.functionbase.function.StoredFunction;
import io.logicdistillation.functionbase.tenant.TenantTransactions;
import io.logicdistillation.kit.Caller;
import io.logicdistillation.kit.WireJson;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.json.JsonMapper;

/**
 * Snapshots line by line, for those with more functions than one JSON document should hold. What a snapshot holds never changes, so
 * it is read page by page, without a transaction that lasts as long as the client reads. Memory does not grow with the snapshot.
 */
@RestController
@RequestMapping("/v1/tasks/{task}/snapshots")
class ExportEndpoints {
    private static final int PAGE = 200;

    private final TenantTransactions transactions;
    private final SnapshotStore snapshots;
    private final FunctionStore functions;
    private final SnapshotKeys keys;
    private final JsonMapper json = WireJson.lenient();

    ExportEndpoints(
            TenantTransactions transactions, SnapshotStore snapshots, FunctionStore functions, SnapshotKeys keys) {
        this.transactions = transactions;
        this.snapshots = snapshots;
        this.functions = functions;
        this.keys = keys;
    }

    /** Found, with the number of its functions. */
    private record Found(StoredSnapshot snapshot, int size) {}

    /**
     * The first line says what it is, each further one is a function. A client that counts lines knows whether it has all. Written on the
     * request's own thread, because what is written asynchronously has to end within half a minute.
     */
    @GetMapping(path = "/{snapshot}/export", produces = SnapshotHeader.NDJSON)
    void export(@PathVariable String task, @PathVariable String snapshot, HttpServletResponse response)
            throws IOException {
        String tenant = Caller.current().tenant();
        Found found = transactions.in(tenant, database -> {
            StoredSnapshot stored = snapshots.get(database, tenant, task, snapshot);
            return new Found(stored, snapshots.size(database, stored.id()));
        });
        response.setContentType(SnapshotHeader.NDJSON);
        write(tenant, task, found, response.getOutputStream());
    }

    private void write(String tenant, String task, Found found, OutputStream out) throws IOException {
        StoredSnapshot snapshot = found.snapshot();
        line(
                out,
                new SnapshotHeader(
                        snapshot.hash(),
                        task,
                        snapshot.number(),
                        snapshot.active(),
                        snapshot.publishedAt(),
                        found.size(),
                        snapshot.definition(),
                        keys.sign(snapshot.hash())));
        List<StoredFunction> page = page(tenant, snapshot, 0);
        while (!page.isEmpty()) {
            for (StoredFunction function : page) {
                line(out, function.function());
            }
            page = page(tenant, snapshot, page.getLast().id());
        }
    }

    private List<StoredFunction> page(String tenant, StoredSnapshot snapshot, long after) {
        return transactions.in(
                tenant, database -> functions.pageOfSnapshot(database, tenant, snapshot.id(), after, PAGE));
    }

    private void line(OutputStream out, Object value) throws IOException {
        out.write((json.writeValueAsString(value) + "\n").getBytes(StandardCharsets.UTF_8));
    }
}
