package io.logicdistillation.functionbase.search;

import com.pgvector.PGvector;
import io.logicdistillation.contracts.SearchResult;
import java.util.List;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** The search in Postgres: nearest in meaning (pgvector) and most words in common (full text), fused by reciprocal rank. */
@Component
final class FusedQuery {
    private static final int SHALLOWEST = 40;

    /**
     * Iterative scans go on through the vector index until enough rows pass the filters. A plan made for these values, not for
     * any: a small task is searched exactly, a large one by the index.
     */
    private static final String SETTINGS = """
            SELECT set_config('hnsw.iterative_scan', 'relaxed_order', true),
                   set_config('hnsw.ef_search', ?, true),
                   set_config('plan_cache_mode', 'force_custom_plan', true)
            """;

    /** 60 is the constant of the reciprocal rank fusion paper (Cormack et al., 2009): it keeps one list from ruling alone. */
    private static final String SEARCH = """
            WITH by_meaning AS MATERIALIZED (
                SELECT f.id, f.embedding <=> :vector AS distance
                FROM functions f
                WHERE f.tenant = :tenant AND f.stage = :stage
                  AND f.task_id = (SELECT task_id FROM snapshots WHERE id = :snapshot)
                  AND EXISTS (SELECT FROM snapshot_functions s WHERE s.snapshot_id = :snapshot AND s.function_id = f.id)
                  AND NOT EXISTS (SELECT FROM bans b
                      WHERE b.task_id = f.task_id AND b.name = f.name AND b.lifted_at IS NULL)
                ORDER BY f.embedding <=> :vector
                LIMIT :depth
            ), by_words AS MATERIALIZED (
                SELECT f.id, ts_rank(f.words, words.wanted) AS weight
                FROM functions f,
                     (SELECT replace(plainto_tsquery('english', :view)::text, ' & ', ' | ')::tsquery AS wanted) words
                WHERE f.tenant = :tenant AND f.stage = :stage
                  AND f.task_id = (SELECT task_id FROM snapshots WHERE id = :snapshot)
                  AND EXISTS (SELECT FROM snapshot_functions s WHERE s.snapshot_id = :snapshot AND s.function_id = f.id)
                  AND NOT EXISTS (SELECT FROM bans b
                      WHERE b.task_id = f.task_id AND b.name = f.name AND b.lifted_at IS NULL)
                  AND f.words @@ words.wanted
                ORDER BY weight DESC, f.id
                LIMIT :depth
            ), ranked AS (
                SELECT id, 1.0 / (60 + row_number() OVER (ORDER BY distance, id)) AS score FROM by_meaning
                UNION ALL
                SELECT id, 1.0 / (60 + row_number() OVER (ORDER BY weight DESC, id)) FROM by_words
            )
            SELECT f.name, f.version, f.handle, sum(ranked.score) AS score
            FROM ranked JOIN functions f USING (id)
            GROUP BY f.id
            ORDER BY score DESC, f.handle
            LIMIT :k
            """;

    /** @param vector the embedding of the view */
    record Question(String tenant, long snapshot, String stage, float[] vector, String view, int k) {}

    /** At most {@code k} functions of the snapshot's stage, best first. */
    List<SearchResult.Hit> run(JdbcClient database, Question question) {
        int depth = Math.max(SHALLOWEST, 4 * question.k());
        database.sql(SETTINGS).param(Integer.toString(depth)).query().singleRow();
        return database.sql(SEARCH)
                .param("tenant", question.tenant())
                .param("snapshot", question.snapshot())
                .param("stage", question.stage())
                .param("vector", new PGvector(question.vector()))
                .param("view", question.view())
                .param("depth", depth)
                .param("k", question.k())
                .query((row, number) -> new SearchResult.Hit(
                        row.getString("name"),
                        row.getString("version"),
                        row.getString("handle"),
                        row.getDouble("score")))
                .list();
    }
}
