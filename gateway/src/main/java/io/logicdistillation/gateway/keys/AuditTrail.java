package io.logicdistillation.gateway.keys;

import io.logicdistillation.contracts.Page;
import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.contracts.ProblemType;
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
@WithDatabase
class AuditTrail {
    private static final int LONGEST_REASON = 1_000;

    private final KeyDatabase database;

    AuditTrail(KeyDatabase database) {
        this.database = database;
    }

    /** @throws PlatformException {@link ProblemType#INVALID_REQUEST} for a reason that is too long or can not be stored */
    static @Nullable String checked(@Nullable String reason) {
        if (reason != null && (reason.length() > LONGEST_REASON || reason.indexOf('\0') >= 0)) {
            throw new PlatformException(
                    ProblemType.INVALID_REQUEST, "reason is longer than " + LONGEST_REASON + " characters, or no text");
        }
        return reason;
    }

    /** Writes down a change within its own transaction. @param tenant whose keys it concerns */
    static void record(JdbcClient transaction, Caller by, String tenant, Change change) {
        transaction
                .sql("""
                        INSERT INTO audit (tenant, by, action, subject, detail, reason)
                        VALUES (:tenant, :by, :action, :subject, :detail, :reason)
                        """)
                .param("tenant", tenant)
                .param("by", by.tenant().equals(tenant) ? by.name() : by.name() + " of " + by.tenant())
                .param("action", change.action())
                .param("subject", change.subject())
                .param("detail", change.detail(), Types.VARCHAR)
                .param("reason", change.reason(), Types.VARCHAR)
                .update();
        transaction.sql("UPDATE revision SET value = value + 1").update();
    }

    /** What was done, to what, and why. */
    record Change(
            String action,
            String subject,
            @Nullable String detail,
            @Nullable String reason) {}

    /** Newest first: the caller's tenant, or all of them for who looks after the platform. */
    Page<AuditEntry> page(Caller caller, Paging paging) {
        long before = paging.beforeNumber();
        List<AuditEntry> found = database.in(
                caller.tenant(),
                transaction -> transaction
                        .sql("""
                        SELECT id, at, tenant, by, action, subject, detail, reason FROM audit
                        WHERE (tenant = :tenant OR :tenant = '*') AND id < :before
                        ORDER BY id DESC LIMIT :limit
                        """)
                        .param("tenant", caller.tenant())
                        .param("before", before)
                        .param("limit", paging.fetch())
                        .query((row, number) -> new AuditEntry(
                                row.getString("id"),
                                row.getObject("at", OffsetDateTime.class).toInstant(),
                                row.getString("tenant"),
                                row.getString("by"),
                                row.getString("action"),
                                row.getString("subject"),
                                row.getString("detail"),
                                row.getString("reason")))
                        .list());
        return paging.page(found, AuditEntry::id);
    }
}
