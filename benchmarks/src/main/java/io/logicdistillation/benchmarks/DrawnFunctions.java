package io.logicdistillation.benchmarks;

import io.logicdistillation.contracts.StageDefinition;
import io.logicdistillation.contracts.TaskDefinition;
import io.logicdistillation.functionbase.function.FunctionStore;
import io.logicdistillation.functionbase.search.FusedQuery;
import io.logicdistillation.functionbase.snapshot.SnapshotStore;
import io.logicdistillation.kit.Sha256;
import io.logicdistillation.kit.WireJson;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Functions whose vectors lie around 400 directions, which is harder for an index than the embeddings of real manuals, and
 * whose manuals are drawn from 6,000 words by Zipf's law. Not thread-safe.
 */
final class DrawnFunctions {
    private static final int DIMENSIONS = 384;
    private static final int DIRECTIONS = 400;
    private static final double SPREAD = 0.9;
    private static final int WORDS = 6_000;
    private static final int MANUAL = 14;
    private static final int VIEW = 12;
    private static final String STAGE = "choose";
    private static final String SOURCE = "function run(state, earlier) { return {move: \"east\"}; }".repeat(6);
    /** Candidates of a stage that is served. */
    private static final int SHOWN = 5;

    private static final int AT_ONCE = 1_000;
    private static final int ANNOUNCED = 100;

    private final Random random = new Random(3);
    private final String tenant;
    private final int perTask;
    private final float[][] directions = new float[DIRECTIONS][DIMENSIONS];
    private final double[] upTo = new double[WORDS];

    DrawnFunctions(String tenant, int perTask) {
        this.tenant = tenant;
        this.perTask = perTask;
        for (float[] direction : directions) {
            for (int i = 0; i < DIMENSIONS; i++) {
                direction[i] = (float) random.nextGaussian();
            }
        }
        double sum = 0;
        for (int i = 0; i < WORDS; i++) {
            sum += 1.0 / (i + 1);
            upTo[i] = sum;
        }
    }

    /** Puts them in with all indexes in place, as an import does. @return the stages to search in, one a task */
    List<FusedQuery.Stage> insert(JdbcClient database, int tasks) {
        actForTenant(database);
        List<FusedQuery.Stage> stages = new ArrayList<>();
        for (int i = 0; i < tasks; i++) {
            long task = insertTask(database, "task-" + i, "{}");
            insert(database, task);
            stages.add(new FusedQuery.Stage(tenant, task, publish(database, task, "none", "{}"), STAGE, perTask));
            if (i % ANNOUNCED == ANNOUNCED - 1) {
                System.err.println(tenant + ": " + (i + 1) + " of " + tasks + " tasks are in");
            }
        }
        return stages;
    }

    /**
     * A task of one stage with an active snapshot of them, so that decisions can be made.
     */
    void serve(JdbcClient database, String name) {
        actForTenant(database);
        TaskDefinition definition = new TaskDefinition(
                name,
                "Drawn",
                "Say where to go.",
                Map.of("type", "object", "properties", Map.of("seen", Map.of("type", "string"))),
                Map.of("type", "object", "properties", Map.of("move", Map.of("type", "string"))),
                List.of(new StageDefinition(STAGE, "Choose.", SHOWN, null, null)));
        String json = WireJson.lenient().writeValueAsString(definition);
        long task = insertTask(database, name, json);
        insert(database, task);
        long snapshot = publish(database, task, "sha256:" + Sha256.of(tenant + name), json);
        database.sql("UPDATE tasks SET active_snapshot = ? WHERE id = ?")
                .params(snapshot, task)
                .update();
    }

    /** What a caller of {@link #serve} may send. */
    String state() {
        return "{\"seen\":\"" + words(VIEW) + "\"}";
    }

    private void actForTenant(JdbcClient database) {
        database.sql("SELECT set_config('app.tenant', ?, false)")
                .param(tenant)
                .query(String.class)
                .single();
    }

    private long insertTask(JdbcClient database, String name, String definition) {
        return database.sql("""
                        INSERT INTO tasks (tenant, name, definition, definition_hash, created_by, updated_by)
                        VALUES (?, ?, ?::json, 'none', 'bench', 'bench') RETURNING id
                        """)
                .params(tenant, name, definition)
                .query(Long.class)
                .single();
    }

    /** Postgres takes no COPY into tables with row-level security, so it is inserted as the service does, but many at once. */
    private void insert(JdbcClient database, long task) {
        for (int done = 0; done < perTask; done += AT_ONCE) {
            int count = Math.min(AT_ONCE, perTask - done);
            String[] manuals = new String[count];
            String[] vectors = new String[count];
            for (int i = 0; i < count; i++) {
                manuals[i] = words(MANUAL);
                vectors[i] = written(vector());
            }
            database.sql("""
                            INSERT INTO functions (tenant, task_id, version, name, stage, handle, manual, language, source,
                                tests, embedding, created_by, indexed)
                            SELECT :tenant, :task, 'v' || n + :done, 'f_' || n + :done, :stage, 'h' || n + :done, manual,
                                'javascript', :source, '[]', embedding::vector, 'bench',
                                EXISTS (SELECT FROM functions WHERE task_id = :task AND stage = :stage OFFSET :few)
                            FROM unnest(:manuals, :vectors) WITH ORDINALITY AS given (manual, embedding, n)
                            """)
                    .param("tenant", tenant)
                    .param("task", task)
                    .param("done", done)
                    .param("stage", STAGE)
                    .param("source", SOURCE)
                    .param("manuals", manuals)
                    .param("vectors", vectors)
                    .param("few", FunctionStore.COMPARED_ONE_BY_ONE)
                    .update();
        }
    }

    /** As the service publishes: the list of functions, and for many of them the indexes. */
    private long publish(JdbcClient database, long task, String hash, String definition) {
        long snapshot = database.sql("""
                        INSERT INTO snapshots (tenant, task_id, hash, number, definition, function_count, published_by)
                        VALUES (?, ?, ?, 1, ?::json, ?, 'bench') RETURNING id
                        """)
                .params(tenant, task, hash, definition, perTask)
                .query(Long.class)
                .single();
        database.sql("""
                        INSERT INTO snapshot_functions (tenant, snapshot_id, function_id)
                        SELECT tenant, ?, id FROM functions WHERE tenant = ? AND task_id = ?
                        """).params(snapshot, tenant, task).update();
        SnapshotStore.index(database, tenant, snapshot, perTask);
        return snapshot;
    }

    FusedQuery.Question question(FusedQuery.Stage stage, int k) {
        return new FusedQuery.Question(stage, vector(), words(VIEW), k);
    }

    void remove(JdbcClient database) {
        database.sql("UPDATE tasks SET active_snapshot = NULL WHERE tenant = ?")
                .param(tenant)
                .update();
        database.sql("DELETE FROM tasks WHERE tenant = ?").param(tenant).update();
    }

    private float[] vector() {
        float[] direction = directions[random.nextInt(DIRECTIONS)];
        float[] vector = new float[DIMENSIONS];
        double squares = 0;
        for (int i = 0; i < DIMENSIONS; i++) {
            vector[i] = (float) (direction[i] + SPREAD * random.nextGaussian());
            squares += vector[i] * vector[i];
        }
        for (int i = 0; i < DIMENSIONS; i++) {
            vector[i] /= (float) Math.sqrt(squares);
        }
        return vector;
    }

    private static String written(float[] vector) {
        StringBuilder text = new StringBuilder("[");
        for (float each : vector) {
            text.append(text.length() == 1 ? "" : ",").append(Math.round(each * 1e5f) / 1e5f);
        }
        return text.append(']').toString();
    }

    private String words(int count) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < count; i++) {
            text.append(i == 0 ? "" : " ").append(word(drawnByZipf()));
        }
        return text.toString();
    }

    private int drawnByZipf() {
        int at = java.util.Arrays.binarySearch(upTo, random.nextDouble() * upTo[WORDS - 1]);
        return at < 0 ? Math.min(WORDS - 1, -at - 1) : at;
    }

    /** Syllables of two letters, so that no stemmer knows the word. */
    private static String word(int number) {
        StringBuilder word = new StringBuilder();
        for (int left = number + 60; left > 0; left /= 60) {
            word.append("bdfgklmnprtz".charAt(left % 60 / 5)).append("aeiou".charAt(left % 5));
        }
        return word.toString();
    }
}
