package io.logicdistillation.functionbase.snapshot;

import io.logicdistillation.contracts.Names;
import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.contracts.ProblemType;
import io.logicdistillation.contracts.TaskDefinition;
import io.logicdistillation.functionbase.audit.AuditTrail;
import io.logicdistillation.functionbase.function.FunctionStore;
import io.logicdistillation.functionbase.task.StoredTask;
import io.logicdistillation.kit.Caller;
import io.logicdistillation.kit.Paging;
import io.logicdistillation.kit.WireJson;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.OffsetDateTime;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import tools.jackson.databind.json.JsonMapper;

/** Published snapshots and their activations; every method runs in its caller's transaction. Thread-safe. */
@Component
public final class SnapshotStore {
    /** In an address or a search: whichever snapshot is the active one. */
    public static final String ACTIVE = "active";

    /**
     * A search looks up a view's words while all together stand in at most this many functions, the rarest first. So a word that alone stands in
     * more is not worth noting.
     */
    public static final int MOST_BY_WORDS = 1_000;

    private static final String OF_TASK =
            " FROM tasks t JOIN snapshots s ON s.task_id = t.id WHERE t.tenant = ? AND t.name = ? ";

    private final JsonMapper json = WireJson.lenient();
    private final AuditTrail audit;

    SnapshotStore(AuditTrail audit) {
        this.audit = audit;
    }

    /** What a snapshot is made of. @param functions rows of the versions */
    public record Content(TaskDefinition definition, String hash, List<Long> functions) {}

    /**
     * A snapshot of a task.
     *
     * @param snapshot a hash, or {@link #ACTIVE}
     * @throws PlatformException {@link ProblemType#UNKNOWN_TASK} or {@link ProblemType#UNKNOWN_SNAPSHOT}
     */
    public StoredSnapshot get(JdbcClient database, String tenant, String task, String snapshot) {
        boolean active = snapshot.equals(ACTIVE);
        if (!active && !Names.isHash(snapshot)) {
            throw unknown(database, tenant, task, snapshot);
        }
        return database.sql(
                        "SELECT s.id, s.task_id, s.hash, s.number, s.published_at, s.definition, s.id = t.active_snapshot AS active"
                                + OF_TASK + (active ? "AND s.id = t.active_snapshot" : "AND s.hash = ?"))
                .params(active ? List.of(tenant, task) : List.of(tenant, task, snapshot))
                .query(this::snapshot)
                .optional()
                .orElseThrow(() -> unknown(database, tenant, task, snapshot));
    }

    /**
     * Only the hash of a snapshot: what a poll needs to know.
     *
     * @throws PlatformException {@link ProblemType#UNKNOWN_TASK} or {@link ProblemType#UNKNOWN_SNAPSHOT}
     */
    public String activeHash(JdbcClient database, String tenant, String task) {
        return database.sql("SELECT s.hash" + OF_TASK + "AND s.id = t.active_snapshot")
                .params(tenant, task)
                .query(String.class)
                .optional()
                .orElseThrow(() -> unknown(database, tenant, task, ACTIVE));
    }

    private static PlatformException unknown(JdbcClient database, String tenant, String task, String snapshot) {
        boolean known = database.sql("SELECT EXISTS (SELECT FROM tasks WHERE tenant = ? AND name = ?)")
                .params(tenant, task)
                .query(Boolean.class)
                .single();
        if (!known) {
            return new PlatformException(ProblemType.UNKNOWN_TASK, "There is no task '" + task + "'");
        }
        return new PlatformException(
                ProblemType.UNKNOWN_SNAPSHOT,
                snapshot.equals(ACTIVE)
                        ? "Task '" + task + "' has no active snapshot: publish one first"
                        : "Task '" + task + "' has no such snapshot");
    }

    List<SnapshotSummary> page(JdbcClient database, String tenant, StoredTask task, int after, Paging paging) {
        return database.sql("""
                        SELECT hash, number, published_at, published_by, function_count, id
                        FROM snapshots WHERE tenant = ? AND task_id = ? AND number > ?
                        ORDER BY number LIMIT ?
                        """)
                .params(tenant, task.id(), after, paging.fetch())
                .query((row, number) -> new SnapshotSummary(
                        row.getString("hash"),
                        task.definition().name(),
                        row.getInt("number"),
                        Objects.equals(row.getLong("id"), task.activeSnapshot()),
                        row.getObject("published_at", OffsetDateTime.class).toInstant(),
                        row.getString("published_by"),
                        row.getInt("function_count")))
                .list();
    }

    public Optional<Long> find(JdbcClient database, String tenant, long task, String hash) {
        return database.sql("SELECT id FROM snapshots WHERE tenant = ? AND task_id = ? AND hash = ?")
                .params(tenant, task, hash)
                .query(Long.class)
                .optional();
    }

    /** Whether the task, if there is one, has the snapshot. */
    public boolean exists(JdbcClient database, String tenant, String task, String hash) {
        return database.sql("SELECT EXISTS (SELECT" + OF_TASK + "AND s.hash = ?)")
                .params(tenant, task, hash)
                .query(Boolean.class)
                .single();
    }

    /** Stores a snapshot. @param action as the audit trail names it @return its row */
    public long insert(JdbcClient database, Caller caller, StoredTask task, Content content, String action) {
        audit.record(database, caller, task.definition().name(), action, content.hash(), null);
        long id = database.sql("""
                        INSERT INTO snapshots (tenant, task_id, hash, number, definition, function_count, published_by)
                        SELECT ?, ?, ?, 1 + coalesce(max(number), 0), ?::json, ?, ?
                        FROM snapshots WHERE tenant = ? AND task_id = ?
                        RETURNING id
                        """)
                .params(
                        caller.tenant(),
                        task.id(),
                        content.hash(),
                        json.writeValueAsString(content.definition()),
                        content.functions().size(),
                        caller.name(),
                        caller.tenant(),
                        task.id())
                .query(Long.class)
                .single();
        database.sql("INSERT INTO snapshot_functions (tenant, snapshot_id, function_id) SELECT ?, ?, unnest(?)")
                .params(caller.tenant(), id, content.functions().toArray(Long[]::new))
                .update();
        index(database, caller.tenant(), id, content.functions().size());
        return id;
    }

    /** Makes stages with many functions ready to be searched: the others are compared one by one. @param size of the snapshot */
    public static void index(JdbcClient database, String tenant, long snapshot, int size) {
        if (size > FunctionStore.COMPARED_ONE_BY_ONE) {
            indexMeanings(database, snapshot);
            indexWords(database, tenant, snapshot);
        }
    }

    /** A function that joins many is in the vector index from the beginning; here come the first ones. */
    private static void indexMeanings(JdbcClient database, long snapshot) {
        database.sql("""
                        WITH content AS (
                            SELECT f.id, f.indexed, count(*) OVER (PARTITION BY f.stage) AS functions
                            FROM snapshot_functions s JOIN functions f ON f.id = s.function_id
                            WHERE s.snapshot_id = :snapshot
                        )
                        UPDATE functions SET indexed = true FROM content
                        WHERE functions.id = content.id AND NOT content.indexed AND content.functions > :most
                        """)
                .param("snapshot", snapshot)
                .param("most", FunctionStore.COMPARED_ONE_BY_ONE)
                .update();
    }

    /** Notes which functions the rarer words stand in, so that a search among many can find them. */
    private static void indexWords(JdbcClient database, String tenant, long snapshot) {
        database.sql("""
                        INSERT INTO snapshot_words (tenant, snapshot_id, stage, word, functions)
                        SELECT :tenant, :snapshot, f.stage, w.lexeme, array_agg(f.id ORDER BY f.id)
                        FROM snapshot_functions s JOIN functions f ON f.id = s.function_id, unnest(f.words) w
                        WHERE s.snapshot_id = :snapshot
                        GROUP BY f.stage, w.lexeme
                        HAVING count(*) <= :rarest
                        """)
                .param("tenant", tenant)
                .param("snapshot", snapshot)
                .param("rarest", MOST_BY_WORDS)
                .update();
    }

    /** How many functions a snapshot has. @param snapshot row */
    int size(JdbcClient database, long snapshot) {
        return database.sql("SELECT function_count FROM snapshots WHERE id = ?")
                .param(snapshot)
                .query(Integer.class)
                .single();
    }

    /** How many functions every stage of a snapshot has; a stage without any is left out. @param snapshot row */
    public Map<String, Integer> sizes(JdbcClient database, long snapshot) {
        Map<String, Integer> sizes = new HashMap<>();
        database.sql("""
                        SELECT f.stage, count(*) AS functions
                        FROM snapshot_functions s JOIN functions f ON f.id = s.function_id
                        WHERE s.snapshot_id = ? GROUP BY f.stage
                        """).param(snapshot).query(row -> {
            sizes.put(row.getString("stage"), row.getInt("functions"));
        });
        return sizes;
    }

    /**
     * The snapshot that decided before the active one.
     *
     * @throws PlatformException {@link ProblemType#CONFLICT} if none did
     */
    long previous(JdbcClient database, StoredTask task) {
        return database.sql("""
                        SELECT a.snapshot_id FROM activations a JOIN tasks t ON t.id = a.task_id
                        WHERE t.id = ? AND a.snapshot_id <> t.active_snapshot ORDER BY a.id DESC LIMIT 1
                        """)
                .param(task.id())
                .query(Long.class)
                .optional()
                .orElseThrow(() -> new PlatformException(
                        ProblemType.CONFLICT, "No other snapshot of the task was active before this one"));
    }

    /** Makes a snapshot the one that decides and writes down who did it. */
    public Activation activate(
            JdbcClient database, Caller caller, StoredTask task, long snapshot, @Nullable String reason) {
        database.sql("UPDATE tasks SET active_snapshot = ? WHERE tenant = ? AND id = ?")
                .params(snapshot, caller.tenant(), task.id())
                .update();
        Activation made = database.sql("""
                        WITH activation AS (
                            INSERT INTO activations (tenant, task_id, snapshot_id, activated_by, reason)
                            VALUES (:tenant, :task, :snapshot, :by, :reason)
                            RETURNING snapshot_id, activated_at)
                        SELECT s.hash, s.number, a.activated_at FROM activation a JOIN snapshots s ON s.id = a.snapshot_id
                        """)
                .param("tenant", caller.tenant())
                .param("task", task.id())
                .param("snapshot", snapshot)
                .param("by", caller.name())
                .param("reason", reason, Types.VARCHAR)
                .query((row, number) -> new Activation(
                        task.definition().name(),
                        row.getString("hash"),
                        row.getInt("number"),
                        row.getObject("activated_at", OffsetDateTime.class).toInstant(),
                        caller.name(),
                        reason))
                .single();
        audit.record(database, caller, task.definition().name(), "snapshot-activated", made.snapshot(), reason);
        return made;
    }

    private StoredSnapshot snapshot(ResultSet row, int number) throws SQLException {
        return new StoredSnapshot(
                row.getLong("id"),
                row.getLong("task_id"),
                row.getString("hash"),
                row.getInt("number"),
                row.getBoolean("active"),
                row.getObject("published_at", OffsetDateTime.class).toInstant(),
                json.readValue(row.getString("definition"), TaskDefinition.class));
    }
}
