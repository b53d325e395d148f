package io.logicdistillation.functionbase.ban;

import io.logicdistillation.contracts.Bans;
import io.logicdistillation.functionbase.task.StoredTask;
import io.logicdistillation.kit.Caller;
import java.sql.Types;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** Bans of functions; every method runs in its caller's transaction. Thread-safe. */
@Component
public final class BanStore {
    /** The bans of a task that are in force. */
    public Bans inForce(JdbcClient database, String tenant, String task) {
        return database.sql("""
                        SELECT t.bans_revision, array_remove(array_agg(b.name ORDER BY b.name), NULL) AS names
                        FROM tasks t LEFT JOIN bans b ON b.task_id = t.id AND b.lifted_at IS NULL
                        WHERE t.tenant = ? AND t.name = ? GROUP BY t.id
                        """)
                .params(tenant, task)
                .query((row, number) -> new Bans(row.getLong("bans_revision"), List.of((String[])
                        row.getArray("names").getArray())))
                .optional()
                .orElse(Bans.NONE);
    }

    /** How often the bans of a task have changed: what a poll needs to know. */
    public long revision(JdbcClient database, String tenant, String task) {
        return database.sql("SELECT bans_revision FROM tasks WHERE tenant = ? AND name = ?")
                .params(tenant, task)
                .query(Long.class)
                .optional()
                .orElse(0L);
    }

    boolean hasFunction(JdbcClient database, StoredTask task, String name) {
        return database.sql("SELECT EXISTS (SELECT FROM functions WHERE task_id = ? AND name = ?)")
                .params(task.id(), name)
                .query(Boolean.class)
                .single();
    }

    /** @return false if it is banned already */
    boolean ban(JdbcClient database, Caller caller, StoredTask task, String name, String reason) {
        int changed = database.sql("""
                        INSERT INTO bans (tenant, task_id, name, banned_by, reason) VALUES (?, ?, ?, ?, ?)
                        ON CONFLICT (task_id, name) WHERE lifted_at IS NULL DO NOTHING
                        """)
                .params(caller.tenant(), task.id(), name, caller.name(), reason)
                .update();
        return changed(database, task, changed);
    }

    /** @return false if it is not banned */
    boolean lift(JdbcClient database, Caller caller, StoredTask task, String name, @Nullable String reason) {
        int changed = database.sql("""
                        UPDATE bans SET lifted_at = now(), lifted_by = :by, lifted_because = :reason
                        WHERE task_id = :task AND name = :name AND lifted_at IS NULL
                        """)
                .param("by", caller.name())
                .param("reason", reason, Types.VARCHAR)
                .param("task", task.id())
                .param("name", name)
                .update();
        return changed(database, task, changed);
    }

    private static boolean changed(JdbcClient database, StoredTask task, int changed) {
        if (changed == 1) {
            database.sql("UPDATE tasks SET bans_revision = bans_revision + 1 WHERE id = ?")
                    .param(task.id())
                    .update();
        }
        return changed == 1;
    }

    /** Every ban that the function has had, the newest first. */
    List<Ban> history(JdbcClient database, StoredTask task, String name) {
        return database.sql("SELECT * FROM bans WHERE task_id = ? AND name = ? ORDER BY id DESC LIMIT 200")
                .params(task.id(), name)
                .query((row, number) -> new Ban(
                        task.definition().name(),
                        row.getString("name"),
                        row.getObject("banned_at", OffsetDateTime.class).toInstant(),
                        row.getString("banned_by"),
                        row.getString("reason"),
                        instant(row.getObject("lifted_at", OffsetDateTime.class)),
                        row.getString("lifted_by"),
                        row.getString("lifted_because")))
                .list();
    }

    /** The ban of a function that is in force, if any. */
    Optional<Ban> standing(JdbcClient database, StoredTask task, String name) {
        return history(database, task, name).stream()
                .filter(ban -> ban.liftedAt() == null)
                .findFirst();
    }

    private static @Nullable Instant instant(@Nullable OffsetDateTime time) {
        return time == null ? null : time.toInstant();
    }
}
