package io.logicdistillation.inference.functionbase;

import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.contracts.ProblemType;
import io.logicdistillation.contracts.SearchRequest;
import io.logicdistillation.contracts.SearchResult;
import io.logicdistillation.contracts.Snapshot;
import io.logicdistillation.inference.upstream.Source;
import io.logicdistillation.inference.upstream.TaskKey;
import io.logicdistillation.inference.upstream.TenantClients;
import org.jspecify.annotations.Nullable;

/** What this service asks the function-base-service, over HTTP. Thread-safe. */
final class FunctionBase {
    private final TenantClients clients;

    FunctionBase(TenantClients clients) {
        this.clients = clients;
    }

    Source.Answer<PreparedSnapshot> active(TaskKey key, @Nullable String etag) {
        return switch (clients.getIfChanged(
                key.tenant(), etag, Snapshot.class, "/v1/tasks/{task}/snapshots/active", key.task())) {
            case Source.Answer.Unchanged<Snapshot>() -> new Source.Answer.Unchanged<>();
            case Source.Answer.Changed<Snapshot>(Snapshot snapshot, String tag) ->
                new Source.Answer.Changed<>(new PreparedSnapshot(snapshot), tag);
        };
    }

    PreparedSnapshot snapshot(TaskKey key, String id) {
        return new PreparedSnapshot(present(clients.of(key.tenant())
                .get()
                .uri("/v1/tasks/{task}/snapshots/{snapshot}", key.task(), id)
                .retrieve()
                .body(Snapshot.class)));
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
