package io.logicdistillation.functionbase.search;

import com.pgvector.PGvector;
import io.logicdistillation.contracts.SearchResult;
import io.logicdistillation.functionbase.function.FunctionStore;
import io.logicdistillation.functionbase.snapshot.SnapshotStore;
import java.sql.Types;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;
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
     * any: one for any reads all functions of the stage. Nothing here is worth compiling first.
     */
    private static final String SETTINGS = """
            SELECT set_config('hnsw.iterative_scan', 'relaxed_order', true),
                   set_config('hnsw.ef_search', :beam, true),
                   set_config('plan_cache_mode', 'force_custom_plan', true),
                   set_config('enable_sort', :sort, true),
                   set_config('jit', 'off', true)
            """;

    private static final String NOT_BANNED = """
            NOT EXISTS (SELECT FROM bans b
                WHERE b.task_id = :task AND b.name = f.name AND b.lifted_at IS NULL)
            """;

    /** What a search may find: the language asked for, if any, and nothing that is banned. */
    private static final String ALLOWED = "(:language::text IS NULL OR f.language = :language::text) AND " + NOT_BANNED;

    private static final String OF_THE_STAGE = """
            f.tenant = :tenant AND f.task_id = :task AND f.stage = :stage
              AND EXISTS (SELECT FROM snapshot_functions s WHERE s.snapshot_id = :snapshot AND s.function_id = f.id)
              AND %s""".formatted(ALLOWED);

    private static final String NEAREST_BY_INDEX = nearest("f.indexed AND ", "distance");
    /** No index answers an expression. */
    private static final String NEAREST_OF_ALL = nearest("", "(f.embedding <=> :vector::halfvec) + 0");

    /** Every function of the stage is read once, for its meaning and for its words. */
    private static final String ONE_BY_ONE = """
            stage AS MATERIALIZED (
                SELECT f.id, f.embedding <=> :vector::halfvec AS distance,
                       CASE WHEN f.words @@ wanted.words THEN ts_rank(f.words, wanted.words) END AS weight
                FROM functions f,
                     (SELECT replace(plainto_tsquery('english', :view)::text, ' & ', ' | ')::tsquery AS words) wanted
                WHERE %s
            ), by_meaning AS MATERIALIZED (
                SELECT id, distance FROM stage ORDER BY distance, id LIMIT :depth
            ), by_words AS MATERIALIZED (
                SELECT id, weight FROM stage WHERE weight IS NOT NULL ORDER BY weight DESC, id LIMIT :depth
            )""".formatted(OF_THE_STAGE);

    /**
     * Words are weighed by how rare they are (inverse document frequency), from the lists that a snapshot notes: only the functions
     * that stay in the end are read, not all that share a word.
     */
    private static final String LOOKED_UP = """
            by_meaning AS MATERIALIZED (
                %s
            ), rarest AS MATERIALIZED (
                SELECT functions, ln(1 + :functions::float8 / cardinality(functions)) AS rarity
                FROM (
                    SELECT w.functions,
                           sum(cardinality(w.functions)) OVER (ORDER BY cardinality(w.functions), w.word) AS together
                    FROM snapshot_words w
                    WHERE w.snapshot_id = :snapshot AND w.stage = :stage
                      AND w.word = ANY (tsvector_to_array(to_tsvector('english', :view)))
                ) rarest_first
                WHERE together <= %d
            ), by_words AS MATERIALIZED (
                SELECT f.id, found.weight
                FROM (
                    SELECT id, sum(rarity) AS weight FROM rarest, unnest(functions) AS id
                    GROUP BY id ORDER BY weight DESC, id
                ) found JOIN functions f USING (id)
                WHERE %s
                ORDER BY found.weight DESC, f.id
                LIMIT :depth
            )""".formatted(NEAREST_BY_INDEX, SnapshotStore.MOST_BY_WORDS, ALLOWED);

    private static final String FEW = fused(ONE_BY_ONE);
    private static final String MANY = fused(LOOKED_UP);

    private static String nearest(String first, String order) {
        return """
                SELECT f.id, f.embedding <=> :vector::halfvec AS distance
                FROM functions f
                WHERE %s %s
                ORDER BY %s
                LIMIT :depth
                """.formatted(first, OF_THE_STAGE, order);
    }

    /**
     * 60 is the constant of the reciprocal rank fusion paper (Cormack et al., 2009): it keeps one list from ruling alone. Postgres takes
     * an index scan's rows to be in order, which those of a relaxed one need not be: hence the sum, which it does sort.
     */
    private static String fused(String byMeaningAndByWords) {
        return """
                WITH %s, ranked AS (
                    SELECT id, 1.0 / (60 + row_number() OVER (ORDER BY distance + 0, id)) AS score FROM by_meaning
                    UNION ALL
                    SELECT id, 1.0 / (60 + row_number() OVER (ORDER BY weight DESC, id)) FROM by_words
                )
                SELECT f.name, f.version, f.handle, sum(ranked.score) AS score
                FROM ranked JOIN functions f USING (id)
                GROUP BY f.id
                ORDER BY score DESC, f.handle
                LIMIT :k
                """.formatted(byMeaningAndByWords);
    }

    /**
     * Where is searched.
     *
     * @param task row
     * @param snapshot row
     * @param functions how many the stage has; up to {@link FunctionStore#COMPARED_ONE_BY_ONE} are compared without an index
     */
    public record Stage(String tenant, long task, long snapshot, String name, int functions) {}

    /**
     * What is asked of a stage.
     *
     * @param vector the embedding of the view
     * @param language that the functions have to be written in; absent for any
     */
    public record Question(
            Stage stage,
            float[] vector,
            String view,
            int k,
            @Nullable String language) {
        /** In any language. */
        public Question(Stage stage, float[] vector, String view, int k) {
            this(stage, vector, view, k, null);
        }

        private int depth() {
            return Math.max(SHALLOWEST, 4 * k);
        }

        private boolean isOfFew() {
            return stage.functions() <= FunctionStore.COMPARED_ONE_BY_ONE;
        }

        /** Whether the vector index is asked, which may miss some. */
        boolean isOfMany() {
            return !isOfFew();
        }
    }

    /** At most {@code k} functions of the snapshot's stage, best first. To be called in a transaction of the tenant's. */
    public List<SearchResult.Hit> run(JdbcClient database, Question question) {
        boolean few = question.isOfFew();
        return asked(database, few ? FEW : MANY, few, question)
                .param("functions", question.stage().functions())
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
        boolean all = exact || question.isOfFew();
        return asked(database, all ? NEAREST_OF_ALL : NEAREST_BY_INDEX, all, question)
                .query((row, number) -> new Near(row.getLong("id"), row.getDouble("distance")))
                .list()
                .stream()
                .sorted(Comparator.comparingDouble(Near::distance).thenComparingLong(Near::id))
                .map(Near::id)
                .toList();
    }

    private record Near(long id, double distance) {}

    /** @param all whether all functions are compared: else Postgres must not sort them, however few it takes the stage to have */
    private static JdbcClient.StatementSpec asked(JdbcClient database, String sql, boolean all, Question question) {
        int beam = Math.max(NARROWEST_BEAM, question.depth());
        database.sql(SETTINGS)
                .param("beam", Integer.toString(beam))
                .param("sort", all ? "on" : "off")
                .query()
                .singleRow();
        Stage stage = question.stage();
        return database.sql(sql)
                .param("tenant", stage.tenant())
                .param("task", stage.task())
                .param("snapshot", stage.snapshot())
                .param("stage", stage.name())
                .param("language", question.language(), Types.VARCHAR)
                .param("vector", new PGvector(question.vector()))
                .param("depth", question.depth());
    }
}
