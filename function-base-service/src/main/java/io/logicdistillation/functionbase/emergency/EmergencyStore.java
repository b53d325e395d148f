package io.logicdistillation.functionbase.emergency;

import com.github.f4b6a3.uuid.UuidCreator;
import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.contracts.ProblemType;
import io.logicdistillation.functionbase.task.StoredTask;
import io.logicdistillation.kit.Caller;
import io.logicdistillation.kit.Paging;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** Emergencies; every method runs in its caller's transaction. Thread-safe. */
@Component
class EmergencyStore {
    /** Names no tenant, but sees which emergencies of any are due. */
    static final String ALL_TENANTS = "*";

    private static final String SELECT =
            "SELECT e.*, f.version FROM emergencies e JOIN functions f ON f.id = e.function_id ";

    /** What ends by itself. */
    record Due(String tenant, String task, String id) {}

    String insert(
            JdbcClient database, Caller caller, StoredTask task, EmergencyRequest request, long function, String hash) {
        UUID id = UuidCreator.getTimeOrderedEpoch();
        database.sql("""
                        INSERT INTO emergencies
                            (id, tenant, task_id, task, situation, stage, function, function_id, applies, snapshot, status,
                             expires_at, created_by)
                        VALUES (:id, :tenant, :taskId, :task, :situation, :stage, :function, :functionId, :applies, :snapshot,
                            'active', :expiresAt, :by)
                        """)
                .param("id", id)
                .param("tenant", caller.tenant())
                .param("taskId", task.id())
                .param("task", task.definition().name())
                .param("situation", request.situation())
                .param("stage", request.pinned().stage())
                .param("function", request.pinned().name())
                .param("functionId", function)
                .param("applies", request.applies(), Types.VARCHAR)
                .param("snapshot", hash)
                .param("expiresAt", time(request.expiresAt()), Types.TIMESTAMP_WITH_TIMEZONE)
                .param("by", caller.name())
                .update();
        return id.toString();
    }

    /** @throws PlatformException {@link ProblemType#NOT_FOUND} */
    Emergency get(JdbcClient database, StoredTask task, String id) {
        return database.sql(SELECT + "WHERE e.task_id = ? AND e.id::text = ?")
                .params(task.id(), id)
                .query(EmergencyStore::map)
                .optional()
                .orElseThrow(() -> new PlatformException(ProblemType.NOT_FOUND, "There is no such emergency"));
    }

    /** The emergency that has a version pinned now. */
    Optional<Emergency> activeOf(JdbcClient database, StoredTask task, String version) {
        return database.sql(SELECT + "WHERE e.task_id = ? AND f.version = ? AND e.status = 'active'")
                .params(task.id(), version)
                .query(EmergencyStore::map)
                .optional();
    }

    List<Emergency> page(JdbcClient database, StoredTask task, Paging paging) {
        return database.sql(SELECT + "WHERE e.task_id = ? AND e.id::text > ? ORDER BY e.id LIMIT ?")
                .params(task.id(), paging.after(), paging.fetch())
                .query(EmergencyStore::map)
                .list();
    }

    void end(JdbcClient database, Caller caller, Emergency emergency, Emergency.Status status) {
        database.sql("UPDATE emergencies SET status = ?, ended_at = now(), ended_by = ? WHERE id = ?::uuid")
                .params(status.stored(), caller.name(), emergency.id())
                .update();
    }

    List<Due> due(JdbcClient database) {
        return database.sql("""
                        SELECT tenant, task, id FROM emergencies
                        WHERE status = 'active' AND expires_at <= now() ORDER BY expires_at LIMIT 100
                        """)
                .query((row, number) -> new Due(row.getString("tenant"), row.getString("task"), row.getString("id")))
                .list();
    }

    private static Emergency map(ResultSet row, int number) throws SQLException {
        return new Emergency(
                row.getString("id"),
                row.getString("task"),
                row.getString("situation"),
                row.getString("stage"),
                row.getString("function"),
                row.getString("version"),
                row.getString("applies"),
                row.getString("snapshot"),
                Emergency.Status.valueOf(row.getString("status").toUpperCase(Locale.ROOT)),
                instant(row.getObject("expires_at", OffsetDateTime.class)),
                row.getObject("created_at", OffsetDateTime.class).toInstant(),
                row.getString("created_by"),
                instant(row.getObject("ended_at", OffsetDateTime.class)),
                row.getString("ended_by"));
    }

    private static @Nullable OffsetDateTime time(@Nullable Instant instant) {
        return instant == null ? null : instant.atOffset(ZoneOffset.UTC);
    }

    private static @Nullable Instant instant(@Nullable OffsetDateTime time) {
        return time == null ? null : time.toInstant();
    }
}
