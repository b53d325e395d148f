package io.logicdistillation.inference.decisionlog;

import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.contracts.ProblemType;
import io.logicdistillation.kit.tenantdata.TenantDataSettings;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.UUID;
import java.util.function.Consumer;

/** Makes the partitions of the months from which decisions are about to come in. Thread-safe. */
final class ComingDecisions implements Consumer<TenantDataSettings.Coming> {
    /** A log that reaches further is none. */
    private static final int MOST_MONTHS = 600;
    /** So many does one call of the database's function make. */
    private static final int MONTHS_AT_ONCE = 3;

    private static final int BITS_AFTER_MILLIS = 16;

    private final TenantTransactions transactions;

    ComingDecisions(TenantTransactions transactions) {
        this.transactions = transactions;
    }

    @Override
    public void accept(TenantDataSettings.Coming rows) {
        if (!rows.table().equals("decisions")) {
            return;
        }
        YearMonth first = month(rows.first());
        YearMonth last = month(rows.last());
        if (first.until(last, ChronoUnit.MONTHS) > MOST_MONTHS) {
            throw new PlatformException(ProblemType.INVALID_REQUEST, "The decisions' ids are of no plausible time");
        }
        for (YearMonth month = first; !month.isAfter(last); month = month.plusMonths(MONTHS_AT_ONCE)) {
            OffsetDateTime moment = month.atDay(1).atStartOfDay().atOffset(ZoneOffset.UTC);
            transactions.ofEverybody(
                    jdbc -> jdbc.sql("SELECT 1 FROM (SELECT ensure_decision_partitions(:moment)) AS ensured")
                            .param("moment", moment)
                            .query(Integer.class)
                            .single());
        }
    }

    private static YearMonth month(String id) {
        try {
            long millis = UUID.fromString(id).getMostSignificantBits() >>> BITS_AFTER_MILLIS;
            return YearMonth.from(Instant.ofEpochMilli(millis).atOffset(ZoneOffset.UTC));
        } catch (IllegalArgumentException none) {
            throw new PlatformException(ProblemType.INVALID_REQUEST, "'" + id + "' is no id of a decision", none);
        }
    }
}
