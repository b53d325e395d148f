package io.logicdistillation.functionbase.search;

import com.pgvector.PGvector;
import io.logicdistillation.contracts.SearchResult;
import java.util.List;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * The search in Postgres: nearest in meaning (pgvector) and most words in common (full text), fused by reciprocal rank. The same
 * question has the same answer as long as the snapshot's functions and the bans are the same. Thread-safe.
 */
@Component
public final class FusedQuery {
    /**
     * Stages of up to this many functions are compared one by one: that takes about as long as the index, which is shared by all
     * tasks and passes over many of theirs before it has found enough of a small one.
     */
    static final int COMPARED_ONE_BY_ONE = 2_000;

    private static final int SHALLOWEST = 40;
    /** Of the vector index: 40, pgvector's own, found 0.83 to 0.95 of the ten nearest among 100,000. */
    private static final int NARROWEST_BEAM = 120;
    /** A view's words that stand in more functions than this, all together, are left out, the commonest first. */
    private static final int MOST_BY_WORDS = 1_000;

    /**
     * Iterative scans go on through the vector index until enough rows pass the filters. A plan made for these values, not for
     * any.
     */
    private static final String SETTINGS = """
            set_config('hnsw.iterative_scan', 'relaxed_order', true),
            set_config('hnsw.ef_search', :beam, true),
            set_config('plan_cache_mode', 'force_custom_plan', true)
            """;

    /**
     * The words are asked for apart from the search, so that its plan knows them: whether their index alone is fast depends on
     * how many functions of other tasks share them.
     */
    private static final String WORDS = """
            SELECT %s, (
                SELECT coalesce(replace(array_to_tsvector(array_agg(word))::text, ' ', ' | '), '')
                FROM (
                    SELECT v.lexeme AS word,
                           sum(coalesce(w.functions, 0)) OVER (ORDER BY coalesce(w.functions, 0), v.lexeme) AS together
                    FROM unnest(to_tsvector('english', :view)) v
                    LEFT JOIN snapshot_words w
                        ON w.snapshot_id = :snapshot AND w.stage = :stage AND w.word = v.lexeme
                ) rarest_first
                WHERE together <= %d
            ) AS words
            """.formatted(SETTINGS, MOST_BY_WORDS);

    private static final String OF_THE_STAGE = """
            f.tenant = :tenant AND f.stage = :stage
              AND f.task_id = (SELECT task_id FROM snapshots WHERE id = :snapshot)
              AND EXISTS (SELECT FROM snapshot_functions s WHERE s.snapshot_id = :snapshot AND s.function_id = f.id)
              AND NOT EXISTS (SELECT FROM bans b
                  WHERE b.task_id = f.task_id AND b.name = f.name AND b.lifted_at IS NULL)
            """;

    private static final String BY_INDEX = nearest("f.embedding <=> :vector");
    /** No index answers an expression. */
    private static final String ONE_BY_ONE = nearest("(f.embedding <=> :vector) + 0.0");

    private final String byIndex = fused(BY_INDEX);
    private final String oneByOne = fused(ONE_BY_ONE);

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
    private static String fused(String nearest) {
        return """
                WITH by_meaning AS MATERIALIZED (
                    %s
                ), by_words AS MATERIALIZED (
                    SELECT f.id, ts_rank(f.words, CAST(:words AS tsquery)) AS weight
                    FROM functions f
                    WHERE %s
                      AND f.words @@ CAST(:words AS tsquery)
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
                """.formatted(nearest, OF_THE_STAGE);
    }

    /**
     * What is asked of one stage of a snapshot.
     *
     * @param snapshot row
     * @param functions how many the stage has
     * @param vector the embedding of the view
     */
    public record Question(
            String tenant, long snapshot, String stage, int functions, float[] vector, String view, int k) {
        private int depth() {
            return Math.max(SHALLOWEST, 4 * k);
        }

        private String beam() {
            return Integer.toString(Math.max(NARROWEST_BEAM, depth()));
        }

        private boolean isSmall() {
            return functions <= COMPARED_ONE_BY_ONE;
        }
    }

    /** At most {@code k} functions of the snapshot's stage, best first. To be called in a transaction of the tenant's. */
    public List<SearchResult.Hit> run(JdbcClient database, Question question) {
        String words = database.sql(WORDS)
                .param("beam", question.beam())
                .param("view", question.view())
                .param("snapshot", question.snapshot())
                .param("stage", question.stage())
                .query((row, number) -> row.getString("words"))
                .single();
        return asked(database, question.isSmall() ? oneByOne : byIndex, question)
                .param("words", words)
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
        database.sql("SELECT " + SETTINGS)
                .param("beam", question.beam())
                .query()
                .singleRow();
        return asked(database, exact || question.isSmall() ? ONE_BY_ONE : BY_INDEX, question)
                .query((row, number) -> row.getLong("id"))
                .list();
    }

    private static JdbcClient.StatementSpec asked(JdbcClient database, String sql, Question question) {
        return database.sql(sql)
                .param("tenant", question.tenant())
                .param("snapshot", question.snapshot())
                .param("stage", question.stage())
                .param("vector", new PGvector(question.vector()))
                .param("depth", question.depth());
    }
}
