package io.logicdistillation.functionbase.audit;

import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.contracts.ProblemType;
import io.logicdistillation.functionbase.json.CanonicalJson;
import io.logicdistillation.kit.Caller;
import io.logicdistillation.kit.Paging;
import java.sql.Types;
import java.time.OffsetDateTime;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** The record of changes; only ever appended to, in the transaction of the change itself. Thread-safe. */
@Component
public final class AuditTrail {
    public static final int LONGEST_REASON = 1_000;

    /** @throws PlatformException {@link ProblemType#INVALID_REQUEST} for a reason that is too long or can not be stored */
    public static @Nullable String checked(@Nullable String reason) {
        if (reason != null && reason.length() > LONGEST_REASON) {
            throw new PlatformException(
                    ProblemType.INVALID_REQUEST, "reason is longer than " + LONGEST_REASON + " characters");
        }
        CanonicalJson.of(reason == null ? "" : reason);
        return reason;
    }

    /** Writes down a change within the caller's transaction. */
    public void record(
            JdbcClient database, Caller caller, String task, String action, String subject, @Nullable String reason) {
        database.sql("""
                        INSERT INTO audit (tenant, task, by, action, subject, reason)
                        VALUES (:tenant, :task, :by, :action, :subject, :reason)
                        """)
                .param("tenant", caller.tenant())
                .param("task", task)
                .param("by", caller.name())
                .param("action", action)
                .param("subject", subject)
                .param("reason", reason, Types.VARCHAR)
                .update();
    }

    /** A task's changes, newest first. @param before id of the last entry seen */
    List<AuditEntry> page(JdbcClient database, String tenant, String task, long before, Paging paging) {
        return database.sql("""
                        SELECT id, task, at, by, action, subject, reason FROM audit
                        WHERE tenant = ? AND task = ? AND id < ? ORDER BY id DESC LIMIT ?
                        """)
                .params(tenant, task, before, paging.fetch())
                .query((row, number) -> new AuditEntry(
                        row.getString("id"),
                        row.getString("task"),
                        row.getObject("at", OffsetDateTime.class).toInstant(),
                        row.getString("by"),
                        row.getString("action"),
                        row.getString("subject"),
                        row.getString("reason")))
                .list();
    }
}
