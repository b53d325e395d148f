package io.logicdistillation.functionbase.search;

import com.pgvector.PGvector;
import io.logicdistillation.contracts.SearchResult;
import io.logicdistillation.functionbase.snapshot.SnapshotStore;
import java.util.List;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * The search in Postgres: nearest in meaning (pgvector) and most words in common (full text), fused by reciprocal rank. The same
 * question has the same answer as long as the snapshot's functions and the bans are the same. Thread-safe.
 */
@Component
public final class FusedQuery {
    private static final int SHALLOWEST = 40;
    /** Of the vector index (ef_search): with pgvector's own 40 it misses too many of the ten nearest among 100,000. */
    private static final int NARROWEST_BEAM = 120;

    /**
     * Iterative scans go on through the vector index until enough rows pass the filters. A plan made for these values, not for
     * any.
     */
    private static final String SETTINGS = """
            SELECT set_config('hnsw.iterative_scan', 'relaxed_order', true),
                   set_config('hnsw.ef_search', ?, true),
                   set_config('plan_cache_mode', 'force_custom_plan', true)
            """;

    private static final String NOT_BANNED = """
            NOT EXISTS (SELECT FROM bans b
                WHERE b.task_id = f.task_id AND b.name = f.name AND b.lifted_at IS NULL)
            """;

    private static final String OF_THE_STAGE = """
            f.tenant = :tenant AND f.stage = :stage
              AND f.task_id = (SELECT task_id FROM snapshots WHERE id = :snapshot)
              AND EXISTS (SELECT FROM snapshot_functions s WHERE s.snapshot_id = :snapshot AND s.function_id = f.id)
              AND %s""".formatted(NOT_BANNED);

    private static final String NEAREST_BY_INDEX = nearest("f.embedding <=> :vector");
    /** No index answers an expression. */
    private static final String NEAREST_OF_ALL = nearest("(f.embedding <=> :vector) + 0.0");

    private static final String BY_ALL_WORDS = """
            by_words AS MATERIALIZED (
                SELECT f.id, ts_rank(f.words, words.wanted) AS weight
                FROM functions f,
                     (SELECT replace(plainto_tsquery('english', :view)::text, ' & ', ' | ')::tsquery AS wanted) words
                WHERE %s
                  AND f.words @@ words.wanted
                ORDER BY weight DESC, f.id
                LIMIT :depth
            )""".formatted(OF_THE_STAGE);

    private static final String BY_RARE_WORDS = """
            rarest AS MATERIALIZED (
                SELECT word, functions
                FROM (
                    SELECT w.word, w.functions,
                           sum(cardinality(w.functions)) OVER (ORDER BY cardinality(w.functions), w.word) AS together
                    FROM snapshot_words w
                    WHERE w.snapshot_id = :snapshot AND w.stage = :stage
                      AND w.word = ANY (tsvector_to_array(to_tsvector('english', :view)))
                ) rarest_first
                WHERE together <= %d
            ), wanted AS MATERIALIZED (
                SELECT replace(array_to_tsvector(array_agg(word))::text, ' ', ' | ')::tsquery AS words FROM rarest
            ), by_words AS MATERIALIZED (
                SELECT f.id, ts_rank(f.words, wanted.words) AS weight
                FROM wanted, (SELECT DISTINCT unnest(functions) AS id FROM rarest) found JOIN functions f USING (id)
                WHERE %s
                ORDER BY weight DESC, f.id
                LIMIT :depth
            )""".formatted(SnapshotStore.MOST_BY_WORDS, NOT_BANNED);

    private static final String FEW = fused(NEAREST_OF_ALL, BY_ALL_WORDS);
    private static final String MANY = fused(NEAREST_BY_INDEX, BY_RARE_WORDS);

    private static String nearest(String order) {
        return """
                SELECT f.id, f.embedding <=> :vector AS distance
                FROM functions f
                WHERE %s
                ORDER BY %s
                LIMIT :depth
                """.formatted(OF_THE_STAGE, order);
    }

    /** 60 is the constant of the reciprocal rank fusion paper (Cormack et al., 2009): it keeps one list from ruling alone. */
    private static String fused(String nearest, String byWords) {
        return """
                WITH by_meaning AS MATERIALIZED (
                    %s
                ), %s, ranked AS (
                    SELECT id, 1.0 / (60 + row_number() OVER (ORDER BY distance, id)) AS score FROM by_meaning
                    UNION ALL
                    SELECT id, 1.0 / (60 + row_number() OVER (ORDER BY weight DESC, id)) FROM by_words
                )
                SELECT f.name, f.version, f.handle, sum(ranked.score) AS score
                FROM ranked JOIN functions f USING (id)
                GROUP BY f.id
                ORDER BY score DESC, f.handle
                LIMIT :k
                """.formatted(nearest, byWords);
    }

    /**
     * What is asked of one stage of a snapshot.
     *
     * @param snapshot row
     * @param functions how many the stage has; up to {@link SnapshotStore#COMPARED_ONE_BY_ONE} are compared without an index
     * @param vector the embedding of the view
     */
    public record Question(
            String tenant, long snapshot, String stage, int functions, float[] vector, String view, int k) {
        private int depth() {
            return Math.max(SHALLOWEST, 4 * k);
        }

        private boolean isOfFew() {
            return functions <= SnapshotStore.COMPARED_ONE_BY_ONE;
        }

        /** Whether the vector index is asked, which may miss some. */
        boolean isOfMany() {
            return !isOfFew();
        }
    }

    /** At most {@code k} functions of the snapshot's stage, best first. To be called in a transaction of the tenant's. */
    public List<SearchResult.Hit> run(JdbcClient database, Question question) {
        return asked(database, question.isOfFew() ? FEW : MANY, question)
                .param("view", question.view())
                .param("k", question.k())
                .query((row, number) -> new SearchResult.Hit(
                        row.getString("name"),
                        row.getString("version"),
                        row.getString("handle"),
                        row.getDouble("score")))
                .list();
    }

    /**
     * The nearest in meaning alone, best first: to hold what the index finds against what there is.
     *
     * @param exact by comparing all, else as a search finds them
     * @return rows of functions, as many as a search looks at
     */
    public List<Long> nearest(JdbcClient database, Question question, boolean exact) {
        return asked(database, exact || question.isOfFew() ? NEAREST_OF_ALL : NEAREST_BY_INDEX, question)
                .query((row, number) -> row.getLong("id"))
                .list();
    }

    private static JdbcClient.StatementSpec asked(JdbcClient database, String sql, Question question) {
        int beam = Math.max(NARROWEST_BEAM, question.depth());
        database.sql(SETTINGS).param(Integer.toString(beam)).query().singleRow();
        return database.sql(sql)
                .param("tenant", question.tenant())
                .param("snapshot", question.snapshot())
                .param("stage", question.stage())
                .param("vector", new PGvector(question.vector()))
                .param("depth", question.depth());
    }
}
