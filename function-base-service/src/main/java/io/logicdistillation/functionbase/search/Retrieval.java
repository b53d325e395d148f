package io.logicdistillation.functionbase.search;

import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.contracts.ProblemType;
import io.logicdistillation.contracts.SearchRequest;
import io.logicdistillation.contracts.SearchResult;
import io.logicdistillation.contracts.StageDefinition;
import io.logicdistillation.contracts.TaskDefinition;
import io.logicdistillation.contracts.View;
import io.logicdistillation.functionbase.json.CanonicalJson;
import io.logicdistillation.functionbase.json.Schema;
import io.logicdistillation.functionbase.json.Schema.Violation;
import io.logicdistillation.functionbase.sandbox.Sandbox;
import io.logicdistillation.functionbase.snapshot.SnapshotStore;
import io.logicdistillation.functionbase.tenant.TenantTransactions;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * Eq. 2 of the method: the K functions nearest to rules and state. Words the state by the stage's view, embeds the view,
 * and lets one query fuse nearness in meaning with shared words. Rules and instruction are the same for every function of a
 * stage, so they only blur the query: with them recall@6 on the pursuit task fell from 1.00 to 0.70. Thread-safe.
 */
@Component
final class Retrieval {
    private static final int MOST_SHOWN = 20;

    private final TenantTransactions transactions;
    private final SearchedSnapshots snapshots;
    private final Sandbox sandbox;
    private final Vectors vectors;
    private final Asking asking;

    Retrieval(
            TenantTransactions transactions,
            SearchedSnapshots snapshots,
            Sandbox sandbox,
            Vectors vectors,
            Asking asking) {
        this.transactions = transactions;
        this.snapshots = snapshots;
        this.sandbox = sandbox;
        this.vectors = vectors;
        this.asking = asking;
    }

    /** The query, and what looks at how good its answers are. */
    @Component
    record Asking(FusedQuery query, Recall recall) {}

    /**
     * @throws PlatformException {@link ProblemType#UNKNOWN_TASK}, {@link ProblemType#UNKNOWN_SNAPSHOT},
     *     {@link ProblemType#UNKNOWN_STAGE}, {@link ProblemType#INVALID_STATE}, or {@link ProblemType#FUNCTION_FAILED} if the
     *     stage's view fails
     */
    SearchResult search(String tenant, String task, SearchRequest request) {
        String wanted = request.snapshot() == null ? SnapshotStore.ACTIVE : request.snapshot();
        SearchedSnapshots.Searched snapshot = snapshots.get(tenant, task, wanted);
        StageDefinition stage = snapshot.definition().stage(request.stage());
        String view = shortened(view(tenant, snapshot.definition(), stage, request));
        float[] vector = vectors.of(view);
        int k = request.k() == null ? stage.k() : request.k();
        FusedQuery.Question question =
                new FusedQuery.Question(snapshot.stage(tenant, stage.name()), vector, view, k, request.language());
        List<SearchResult.Hit> hits =
                transactions.in(tenant, database -> asking.query().run(database, question));
        if (hits.isEmpty()) {
            snapshots.requireStillThere(tenant, task, snapshot);
        }
        asking.recall().consider(question);
        return new SearchResult(snapshot.hash(), hits);
    }

    private String view(String tenant, TaskDefinition task, StageDefinition stage, SearchRequest request) {
        if (request.view() != null) {
            if (request.view().isBlank()) {
                throw new PlatformException(ProblemType.INVALID_REQUEST, "view is blank");
            }
            CanonicalJson.of(request.view());
            return request.view();
        }
        Map<String, Object> state = requireValid(task, request.state());
        Map<String, Object> earlier = task.earlier(List.of());
        if (request.earlier() != null) {
            earlier.putAll(request.earlier());
        }
        return sandbox.render(tenant, stage, state, earlier);
    }

    private static Map<String, Object> requireValid(TaskDefinition task, @Nullable Map<String, Object> state) {
        Map<String, Object> given = state == null ? Map.of() : state;
        CanonicalJson.of(given);
        List<Violation> violations = Schema.of(task.stateSchema()).violations(given);
        if (!violations.isEmpty()) {
            Violation first = violations.getFirst();
            throw new PlatformException(
                    ProblemType.INVALID_STATE,
                    "The state does not match the schema at '" + first.pointer() + "': " + first.message(),
                    Map.of(
                            "pointer",
                            first.pointer(),
                            "errors",
                            violations.stream().limit(MOST_SHOWN).toList()));
        }
        return given;
    }

    /** A state without a view can be long, and an embedding costs time by the word. */
    private static String shortened(String view) {
        return view.length() <= View.LONGEST_TEXT ? view : view.substring(0, View.LONGEST_TEXT);
    }
}
