package io.logicdistillation.inference.functionbase;

import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.contracts.ProblemType;
import io.logicdistillation.contracts.SearchRequest;
import io.logicdistillation.contracts.SearchResult;
import io.logicdistillation.contracts.Snapshot;
import io.logicdistillation.contracts.SnapshotChange;
import io.logicdistillation.inference.upstream.Source;
import io.logicdistillation.inference.upstream.TaskKey;
import io.logicdistillation.inference.upstream.TenantClients;
import org.jspecify.annotations.Nullable;

/** What this service asks the function-base-service, over HTTP. Thread-safe. */
final class FunctionBase {
    private static final String ACTIVE = "active";
    private static final String WHOLE = "/v1/tasks/{task}/snapshots/{snapshot}";
    private static final String CHANGES = WHOLE + "/changes?since={since}";

    private final TenantClients clients;
    private final TenantClients patient;

    /** @param patient for snapshots, which may have many functions */
    FunctionBase(TenantClients clients, TenantClients patient) {
        this.clients = clients;
        this.patient = patient;
    }

    /** @param known what the task has had before: of what follows it only the difference is asked for */
    Source.Answer<PreparedSnapshot> active(TaskKey key, @Nullable PreparedSnapshot known, @Nullable String etag) {
        if (known != null) {
            try {
                return switch (patient.getIfChanged(
                        key.tenant(), etag, SnapshotChange.class, CHANGES, key.task(), ACTIVE, known.id())) {
                    case Source.Answer.Unchanged<SnapshotChange>() -> new Source.Answer.Unchanged<>();
                    case Source.Answer.Changed<SnapshotChange>(SnapshotChange change, String tag) ->
                        new Source.Answer.Changed<>(known.changed(change), tag);
                };
            } catch (PlatformException refused) {
                requireUnknown(refused);
            }
        }
        return switch (patient.getIfChanged(key.tenant(), etag, Snapshot.class, WHOLE, key.task(), ACTIVE)) {
            case Source.Answer.Unchanged<Snapshot>() -> new Source.Answer.Unchanged<>();
            case Source.Answer.Changed<Snapshot>(Snapshot snapshot, String tag) ->
                new Source.Answer.Changed<>(new PreparedSnapshot(snapshot), tag);
        };
    }

    /** @param known another snapshot of the task, if there is one at hand */
    PreparedSnapshot snapshot(TaskKey key, String id, @Nullable PreparedSnapshot known) {
        if (known != null) {
            try {
                return known.changed(present(patient.of(key.tenant())
                        .get()
                        .uri(CHANGES, key.task(), id, known.id())
                        .retrieve()
                        .body(SnapshotChange.class)));
            } catch (PlatformException refused) {
                requireUnknown(refused);
            }
        }
        return new PreparedSnapshot(present(patient.of(key.tenant())
                .get()
                .uri(WHOLE, key.task(), id)
                .retrieve()
                .body(Snapshot.class)));
    }

    /** Either is unknown there, or a function base of an earlier release tells no differences: asking for the whole will tell. */
    private static void requireUnknown(PlatformException refused) {
        if (refused.type().status() != 404) {
            throw refused;
        }
    }

    SearchResult search(TaskKey key, SearchRequest search) {
        return present(clients.of(key.tenant())
                .post()
                .uri("/v1/tasks/{task}/searches", key.task())
                .body(search)
                .retrieve()
                .body(SearchResult.class));
    }

    private static <T> T present(@Nullable T answer) {
        if (answer == null) {
            throw new PlatformException(ProblemType.UNAVAILABLE, "The function base answered with nothing");
        }
        return answer;
    }
}
