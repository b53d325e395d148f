package io.logicdistillation.functionbase.function;

import com.pgvector.PGvector;
import io.logicdistillation.contracts.FunctionDefinition;
import io.logicdistillation.contracts.FunctionTest;
import io.logicdistillation.contracts.PublishedFunction;
import io.logicdistillation.functionbase.audit.AuditTrail;
import io.logicdistillation.functionbase.task.StoredTask;
import io.logicdistillation.kit.Caller;
import io.logicdistillation.kit.Paging;
import io.logicdistillation.kit.WireJson;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/** Versions, drafts and verifications; every method runs in its caller's transaction. Thread-safe. */
@Component
public final class FunctionStore {
    /**
     * Stages of up to this many functions are compared one by one: that takes about as long as the vector index, which is shared
     * by all tasks and passes over many of theirs before it has found enough of a small one. So they are not in it.
     */
    public static final int COMPARED_ONE_BY_ONE = 2_000;

    private static final String COLUMNS =
            "f.id, f.version, f.name, f.stage, f.handle, f.manual, f.language, f.source, f.tests, f.pinned";
    private static final String DRAFTS = "SELECT " + COLUMNS
            + " FROM drafts d JOIN functions f ON f.id = d.function_id WHERE d.tenant = ? AND d.task_id = ? ";

    private final JsonMapper json = WireJson.lenient();
    private final AuditTrail audit;

    FunctionStore(AuditTrail audit) {
        this.audit = audit;
    }

    /** The drafts of a task, by name. */
    public List<StoredFunction> drafts(JdbcClient database, String tenant, long task) {
        return database.sql(DRAFTS + "ORDER BY d.name")
                .params(tenant, task)
                .query(this::map)
                .list();
    }

    /** Some drafts of every stage: enough to say what the earlier stages give, however large the task is. */
    public List<FunctionDefinition> companions(JdbcClient database, String tenant, long task, int ofEachStage) {
        return database.sql("SELECT " + COLUMNS + " " + """
                        FROM (SELECT function_id, row_number() OVER (PARTITION BY stage ORDER BY name) AS place
                              FROM drafts WHERE tenant = ? AND task_id = ?) d
                        JOIN functions f ON f.id = d.function_id WHERE d.place <= ? ORDER BY f.name
                        """).params(tenant, task, ofEachStage).query(this::map).stream()
                .map(StoredFunction::definition)
                .toList();
    }

    /** A version of the task with its row, whether a draft or not. */
    public Optional<StoredFunction> version(JdbcClient database, long task, String version) {
        return database.sql("SELECT " + COLUMNS + " FROM functions f WHERE f.task_id = ? AND f.version = ?")
                .params(task, version)
                .query(this::map)
                .optional();
    }

    /** The functions of a snapshot with their rows, by name. */
    public List<StoredFunction> storedOfSnapshot(JdbcClient database, String tenant, long snapshot) {
        return database.sql("SELECT " + COLUMNS
                        + " FROM snapshot_functions s JOIN functions f ON f.id = s.function_id"
                        + " WHERE s.tenant = ? AND s.snapshot_id = ? ORDER BY f.name")
                .params(tenant, snapshot)
                .query(this::map)
                .list();
    }

    /** A function's row and its name. */
    public record Row(long id, String name) {}

    /**
     * Which functions a snapshot has, by name: little even of many.
     *
     * @param without row of another snapshot, whose functions are left out; 0 for none
     */
    public List<Row> rowsOfSnapshot(JdbcClient database, String tenant, long snapshot, long without) {
        return database.sql("""
                        SELECT f.id, f.name FROM snapshot_functions s JOIN functions f ON f.id = s.function_id
                        WHERE s.tenant = ? AND s.snapshot_id = ? AND NOT EXISTS (
                            SELECT FROM snapshot_functions o WHERE o.snapshot_id = ? AND o.function_id = s.function_id)
                        ORDER BY f.name
                        """)
                .params(tenant, snapshot, without)
                .query((row, number) -> new Row(row.getLong("id"), row.getString("name")))
                .list();
    }

    /** The functions of these rows, in their order. */
    public List<PublishedFunction> ofRows(JdbcClient database, String tenant, List<Row> rows) {
        Long[] ids = rows.stream().map(Row::id).toArray(Long[]::new);
        Map<Long, PublishedFunction> found = new HashMap<>();
        database.sql("SELECT " + COLUMNS + " FROM functions f WHERE f.tenant = ? AND f.id = ANY (?)")
                .params(tenant, ids)
                .query(this::map)
                .list()
                .forEach(stored -> found.put(stored.id(), stored.function()));
        return rows.stream()
                .flatMap(row -> Stream.ofNullable(found.get(row.id())))
                .toList();
    }

    /** Some functions of a snapshot, by row. @param after row of the last one seen */
    public List<StoredFunction> pageOfSnapshot(
            JdbcClient database, String tenant, long snapshot, long after, int limit) {
        return database.sql("SELECT " + COLUMNS
                        + " FROM snapshot_functions s JOIN functions f ON f.id = s.function_id"
                        + " WHERE s.tenant = ? AND s.snapshot_id = ? AND s.function_id > ?"
                        + " ORDER BY s.function_id LIMIT ?")
                .params(tenant, snapshot, after, limit)
                .query(this::map)
                .list();
    }

    List<PublishedFunction> page(JdbcClient database, String tenant, long task, Paging paging) {
        return database
                .sql(DRAFTS + "AND d.name > ? ORDER BY d.name LIMIT ?")
                .params(tenant, task, paging.after(), paging.fetch())
                .query(this::map)
                .stream()
                .map(StoredFunction::function)
                .toList();
    }

    Optional<PublishedFunction> draft(JdbcClient database, String tenant, long task, String name) {
        return database.sql(DRAFTS + "AND d.name = ?")
                .params(tenant, task, name)
                .query(this::map)
                .optional()
                .map(StoredFunction::function);
    }

    /** The draft of a name with its row. */
    public Optional<StoredFunction> draftRow(JdbcClient database, long task, String name) {
        return database.sql("SELECT " + COLUMNS
                        + " FROM drafts d JOIN functions f ON f.id = d.function_id WHERE d.task_id = ? AND d.name = ?")
                .params(task, name)
                .query(this::map)
                .optional();
    }

    /** The row of a version, if the task has it. */
    public Optional<Long> row(JdbcClient database, StoredTask task, String version) {
        return database.sql("SELECT id FROM functions WHERE task_id = ? AND version = ?")
                .params(task.id(), version)
                .query(Long.class)
                .optional();
    }

    /** Takes a version out of the drafts, if it is the draft of its name. */
    public void dropDraft(JdbcClient database, long function) {
        database.sql("DELETE FROM drafts WHERE function_id = ?").param(function).update();
    }

    /** Which of these versions the task has, whether drafts or not. */
    List<String> known(JdbcClient database, String tenant, long task, Collection<String> versions) {
        return database.sql("SELECT version FROM functions WHERE tenant = ? AND task_id = ? AND version = ANY (?)")
                .params(tenant, task, versions.toArray(String[]::new))
                .query((row, number) -> row.getString("version"))
                .list();
    }

    /** Which of these rows have been verified under the definition. */
    public List<Long> verified(JdbcClient database, String tenant, String definitionHash, Collection<Long> functions) {
        return database.sql("""
                        SELECT function_id FROM verifications
                        WHERE tenant = ? AND definition_hash = ? AND function_id = ANY (?)
                        """)
                .params(tenant, definitionHash, functions.toArray(Long[]::new))
                .query((row, number) -> row.getLong("function_id"))
                .list();
    }

    /** Stores a version. @return its row, also where an import has stored the same meanwhile */
    public long insert(
            JdbcClient database,
            Caller caller,
            long task,
            String version,
            FunctionDefinition function,
            float[] embedding) {
        return database.sql("""
                        INSERT INTO functions
                            (tenant, task_id, version, name, stage, handle, manual, language, source, tests, pinned,
                             embedding, created_by, indexed)
                        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?::jsonb, ?, ?, ?,
                            EXISTS (SELECT FROM functions WHERE task_id = ? AND stage = ? OFFSET ?))
                        ON CONFLICT (task_id, version) DO UPDATE SET version = excluded.version
                        RETURNING id
                        """)
                .params(
                        caller.tenant(),
                        task,
                        version,
                        function.name(),
                        function.stage(),
                        function.handle(),
                        function.manual(),
                        function.language(),
                        function.source(),
                        json.writeValueAsString(function.tests()),
                        Boolean.TRUE.equals(function.pinned()),
                        new PGvector(embedding),
                        caller.name(),
                        task,
                        function.stage(),
                        COMPARED_ONE_BY_ONE)
                .query(Long.class)
                .single();
    }

    /** Makes a known version the draft of its name. @return its row */
    public long makeDraft(JdbcClient database, Caller caller, StoredTask task, String version) {
        audit.record(database, caller, task.definition().name(), "function-admitted", version, null);
        return database.sql("""
                        INSERT INTO drafts (tenant, task_id, name, stage, handle, function_id, changed_by)
                        SELECT tenant, task_id, name, stage, handle, id, ? FROM functions
                        WHERE tenant = ? AND task_id = ? AND version = ?
                        ON CONFLICT (task_id, name) DO UPDATE
                            SET stage = excluded.stage, handle = excluded.handle, function_id = excluded.function_id,
                                changed_at = now(), changed_by = excluded.changed_by
                        RETURNING function_id
                        """)
                .params(caller.name(), caller.tenant(), task.id(), version)
                .query(Long.class)
                .single();
    }

    /** Who sends a version that waited or was rejected has judged it. */
    void approveSent(JdbcClient database, Caller caller, StoredTask task, Collection<String> versions) {
        database.sql("""
                        WITH sent AS (
                            UPDATE proposals SET state = 'approved'
                            WHERE task_id = ? AND state <> 'approved'
                                AND function_id IN (SELECT id FROM functions WHERE task_id = ? AND version = ANY (?))
                            RETURNING function_id)
                        INSERT INTO reviews (tenant, task_id, function_id, verdict, reason, by)
                        SELECT ?, ?, function_id, 'approve', 'sent by hand', ? FROM sent
                        """)
                .params(
                        task.id(),
                        task.id(),
                        versions.toArray(String[]::new),
                        caller.tenant(),
                        task.id(),
                        caller.name())
                .update();
    }

    /** The draft that has a handle of a stage. */
    public Optional<String> ownerOfHandle(JdbcClient database, long task, String stage, String handle) {
        return database.sql("SELECT name FROM drafts WHERE task_id = ? AND stage = ? AND handle = ?")
                .params(task, stage, handle)
                .query(String.class)
                .optional();
    }

    /** Two drafts of one stage with the same handle, if there are. */
    public Optional<String> sharedHandle(JdbcClient database, String tenant, long task) {
        return database.sql("""
                        SELECT format('Handle ''%s'' of stage ''%s'' is shared by %s', handle, stage, string_agg(name, ' and ' ORDER BY name))
                        FROM drafts WHERE tenant = ? AND task_id = ?
                        GROUP BY stage, handle HAVING count(*) > 1 ORDER BY stage, handle LIMIT 1
                        """).params(tenant, task).query(String.class).optional();
    }

    /** Remembers that a function has passed. */
    public void saveReport(JdbcClient database, String tenant, long function, String definitionHash, Report report) {
        database.sql("""
                        INSERT INTO verifications (tenant, function_id, definition_hash, report) VALUES (?, ?, ?, ?::jsonb)
                        ON CONFLICT (function_id, definition_hash) DO UPDATE SET report = excluded.report, verified_at = now()
                        """)
                .params(tenant, function, definitionHash, json.writeValueAsString(report))
                .update();
    }

    private StoredFunction map(ResultSet row, int number) throws SQLException {
        return new StoredFunction(
                row.getLong("id"),
                new PublishedFunction(
                        row.getString("version"),
                        row.getString("name"),
                        row.getString("stage"),
                        row.getString("handle"),
                        row.getString("manual"),
                        row.getString("language"),
                        row.getString("source"),
                        json.readValue(row.getString("tests"), new TypeReference<List<FunctionTest>>() {}),
                        row.getBoolean("pinned") ? true : null));
    }
}
