package io.logicdistillation.inference.decisionlog;

import io.logicdistillation.kit.Caller;
import java.sql.Array;
import java.sql.SQLException;
import java.time.Clock;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.List;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Remembers how each task wants to be logged. Thread-safe. */
final class LogSettingsStore {
    private final TenantTransactions transactions;
    private final Clock clock;

    LogSettingsStore(TenantTransactions transactions, Clock clock) {
        this.transactions = transactions;
        this.clock = clock;
    }

    LogSettings get(String tenant, String task) {
        return transactions.of(tenant, jdbc -> get(jdbc, tenant, task));
    }

    static LogSettings get(JdbcClient jdbc, String tenant, String task) {
        return jdbc.sql(
                        "SELECT redactions, keep_days FROM decision_log_settings WHERE tenant = :tenant AND task = :task")
                .param("tenant", tenant)
                .param("task", task)
                .query((row, number) ->
                        new LogSettings(texts(row.getArray("redactions")), row.getObject("keep_days", Integer.class)))
                .optional()
                .orElse(LogSettings.NONE);
    }

    static List<String> texts(Array array) throws SQLException {
        return Arrays.asList((String[]) array.getArray());
    }

    void put(Caller caller, String task, LogSettings settings) {
        transactions.of(
                caller.tenant(),
                jdbc -> jdbc.sql("""
                        INSERT INTO decision_log_settings (tenant, task, redactions, keep_days, changed_by, changed_at)
                        VALUES (:tenant, :task, :redactions, :keepDays, :by, :now)
                        ON CONFLICT (tenant, task) DO UPDATE SET redactions = excluded.redactions,
                            keep_days = excluded.keep_days, changed_by = excluded.changed_by,
                            changed_at = excluded.changed_at
                        """)
                        .param("tenant", caller.tenant())
                        .param("task", task)
                        .param("redactions", settings.redactions().toArray(String[]::new))
                        .param("keepDays", settings.keepDays())
                        .param("by", caller.name())
                        .param("now", OffsetDateTime.ofInstant(clock.instant(), ZoneOffset.UTC))
                        .update());
    }
}
