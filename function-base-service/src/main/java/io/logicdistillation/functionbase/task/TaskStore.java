package io.logicdistillation.functionbase.task;

import io.logicdistillation.contracts.Page;
import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.contracts.ProblemType;
import io.logicdistillation.contracts.TaskDefinition;
import io.logicdistillation.functionbase.audit.AuditTrail;
import io.logicdistillation.functionbase.json.CanonicalJson;
import io.logicdistillation.functionbase.tenant.TenantTransactions;
import io.logicdistillation.kit.Caller;
import io.logicdistillation.kit.Paging;
import io.logicdistillation.kit.WireJson;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import tools.jackson.databind.json.JsonMapper;

/** The tasks of all tenants. Thread-safe. */
@Component
public final class TaskStore {
    private static final String COLUMNS = "id, definition, definition_hash, active_snapshot";

    private final TenantTransactions transactions;
    private final AuditTrail audit;
    private final JsonMapper json = WireJson.lenient();

    TaskStore(TenantTransactions transactions, AuditTrail audit) {
        this.transactions = transactions;
        this.audit = audit;
    }

    /** @throws PlatformException {@link ProblemType#UNKNOWN_TASK} */
    public StoredTask get(String tenant, String name) {
        return transactions.in(tenant, database -> get(database, tenant, name, ""));
    }

    /**
     * The task, locked until the end of the transaction: its functions and snapshots change one after the other.
     *
     * @throws PlatformException {@link ProblemType#UNKNOWN_TASK}
     */
    public StoredTask lock(JdbcClient database, String tenant, String name) {
        return get(database, tenant, name, " FOR NO KEY UPDATE");
    }

    /** The task, if there is one. */
    public Optional<StoredTask> find(JdbcClient database, String tenant, String name) {
        return find(database, tenant, name, "");
    }

    private Optional<StoredTask> find(JdbcClient database, String tenant, String name, String locking) {
        return database.sql("SELECT " + COLUMNS + " FROM tasks WHERE tenant = ? AND name = ?" + locking)
                .params(tenant, name)
                .query(this::map)
                .optional();
    }

    private StoredTask get(JdbcClient database, String tenant, String name, String locking) {
        return find(database, tenant, name, locking)
                .orElseThrow(() ->
                        new PlatformException(ProblemType.UNKNOWN_TASK, "There is no task '" + printable(name) + "'"));
    }

    /**
     * A page of what belongs to a task.
     *
     * @param rows reads at most {@link Paging#fetch()} of them in a transaction of the tenant
     * @param key of the item after which the next page begins
     * @throws PlatformException {@link ProblemType#UNKNOWN_TASK}
     */
    public <T> Page<T> pageOf(
            String tenant,
            String name,
            Paging paging,
            BiFunction<JdbcClient, StoredTask, List<T>> rows,
            Function<T, String> key) {
        StoredTask task = get(tenant, name);
        return paging.page(transactions.in(tenant, database -> rows.apply(database, task)), key);
    }

    List<TaskDefinition> page(String tenant, Paging paging) {
        return transactions.in(
                tenant,
                database -> database
                        .sql("SELECT " + COLUMNS + " FROM tasks WHERE tenant = ? AND name > ? ORDER BY name LIMIT ?")
                        .params(tenant, paging.after(), paging.fetch())
                        .query(this::map)
                        .stream()
                        .map(StoredTask::definition)
                        .toList());
    }

    /** @return false if there is a task of this name already */
    public boolean insert(Caller caller, TaskDefinition task) {
        return transactions.in(caller.tenant(), database -> {
            boolean fresh = database.sql("""
                                        INSERT INTO tasks (tenant, name, definition, definition_hash, created_by, updated_by)
                                        VALUES (?, ?, ?::json, ?, ?, ?)
                                        ON CONFLICT (tenant, name) DO NOTHING
                                        """)
                            .params(
                                    caller.tenant(),
                                    task.name(),
                                    json.writeValueAsString(task),
                                    CanonicalJson.hash(task),
                                    caller.name(),
                                    caller.name())
                            .update()
                    == 1;
            if (fresh) {
                audit.record(database, caller, task.name(), "task-created", CanonicalJson.hash(task), null);
            }
            return fresh;
        });
    }

    /**
     * Replaces the definition; published snapshots keep the one they were published with.
     *
     * @throws PlatformException {@link ProblemType#CONFLICT} if functions would be left without their stage
     */
    void replace(Caller caller, TaskDefinition task) {
        transactions.in(caller.tenant(), database -> {
            StoredTask stored = lock(database, caller.tenant(), task.name());
            orphanedStage(database, stored, task).ifPresent(stage -> {
                throw new PlatformException(
                        ProblemType.CONFLICT, "Stage '" + stage + "' has functions and can not be left out");
            });
            audit.record(database, caller, task.name(), "task-replaced", CanonicalJson.hash(task), null);
            return database.sql("""
                            UPDATE tasks SET definition = ?::json, definition_hash = ?, updated_at = now(), updated_by = ?
                            WHERE tenant = ? AND id = ?
                            """)
                    .params(
                            json.writeValueAsString(task),
                            CanonicalJson.hash(task),
                            caller.name(),
                            caller.tenant(),
                            stored.id())
                    .update();
        });
    }

    private static Optional<String> orphanedStage(JdbcClient database, StoredTask stored, TaskDefinition task) {
        List<String> stages = task.stages().stream().map(stage -> stage.name()).toList();
        return database
                .sql("SELECT DISTINCT stage FROM drafts WHERE task_id = ? ORDER BY stage")
                .param(stored.id())
                .query((row, number) -> row.getString("stage"))
                .stream()
                .filter(stage -> !stages.contains(stage))
                .findFirst();
    }

    /** Removes the task with its functions and snapshots. @return false if there is none */
    boolean delete(Caller caller, String name) {
        return transactions.in(caller.tenant(), database -> {
            boolean gone = database.sql("DELETE FROM tasks WHERE tenant = ? AND name = ?")
                            .params(caller.tenant(), name)
                            .update()
                    == 1;
            if (gone) {
                audit.record(database, caller, name, "task-deleted", name, null);
            }
            return gone;
        });
    }

    private StoredTask map(ResultSet row, int number) throws SQLException {
        return new StoredTask(
                row.getLong("id"),
                json.readValue(row.getString("definition"), TaskDefinition.class),
                row.getString("definition_hash"),
                row.getObject("active_snapshot", Long.class));
    }

    private static String printable(String name) {
        return name.length() > 64 ? name.substring(0, 64) + "…" : name;
    }
}
