package io.logicdistillation.inference.decisionlog;

import java.time.Clock;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes the partitions of the coming months and forgets what is too old: decisions, and keys that no client will send again. */
public final class Housekeeping implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Housekeeping.class);
    private static final Duration KEYS_KEPT = Duration.ofHours(24);

    private static final int AT_ONCE = 1_000;

    private final TenantTransactions transactions;
    private final LogProperties properties;
    private final Clock clock;
    private final ScheduledExecutorService ticks =
            Executors.newSingleThreadScheduledExecutor(Thread.ofVirtual().factory());

    Housekeeping(TenantTransactions transactions, LogProperties properties, Clock clock) {
        this.transactions = transactions;
        this.properties = properties;
        this.clock = clock;
        var unused = ticks.scheduleWithFixedDelay(this::runSafely, 0, 1, TimeUnit.HOURS);
    }

    private void runSafely() {
        try {
            run();
        } catch (RuntimeException failure) {
            log.warn("Housekeeping of the decision log failed, the next run tries again: {}", failure.toString());
        }
    }

    /** One round of it. */
    public void run() {
        OffsetDateTime now = OffsetDateTime.ofInstant(clock.instant(), ZoneOffset.UTC);
        transactions.ofEverybody(jdbc -> {
            jdbc.sql("SELECT 1 FROM (SELECT ensure_decision_partitions(:now)) AS ensured")
                    .param("now", now)
                    .query(Integer.class)
                    .single();
            return jdbc.sql("DELETE FROM idempotency_keys WHERE created_at < :before")
                    .param("before", now.minus(KEYS_KEPT))
                    .update();
        });
        transactions.ofEverybody(jdbc -> jdbc.sql("SELECT drop_decision_partitions(:before)")
                .param("before", now.minus(properties.keep()))
                .query(Integer.class)
                .single());
        transactions.ofEverybody(jdbc -> jdbc.sql("DELETE FROM canary_counts WHERE counted_at < :before")
                .param("before", now.minus(properties.keep()))
                .update());
        forgetDecisions(now);
    }

    /** A few at a time: a long transaction would outlast the pool's patience and hold up nobody but itself. */
    private void forgetDecisions(OffsetDateTime now) {
        int gone;
        do {
            gone = transactions.ofEverybody(jdbc -> jdbc.sql("""
                            DELETE FROM decisions WHERE (id, tenant) IN (
                                SELECT decisions.id, decisions.tenant FROM decisions
                                JOIN (
                                    SELECT tenant, task, least(:longest, keep_days) AS days FROM decision_log_settings
                                    WHERE keep_days IS NOT NULL) AS kept USING (tenant, task)
                                WHERE decisions.id < first_id_at(:now - make_interval(days => days))
                                LIMIT :limit)
                            """)
                    .param("now", now)
                    .param("longest", (int) properties.keep().toDays())
                    .param("limit", AT_ONCE)
                    .update());
        } while (gone == AT_ONCE);
        do {
            gone = transactions.ofEverybody(jdbc -> jdbc.sql("""
                            DELETE FROM decisions WHERE (id, tenant) IN (
                                SELECT id, tenant FROM decisions WHERE id < first_id_at(:before) LIMIT :limit)
                            """)
                    .param("before", now.minus(properties.keep()))
                    .param("limit", AT_ONCE)
                    .update());
        } while (gone == AT_ONCE);
    }

    @Override
    public void close() {
        ticks.shutdownNow();
    }
}
