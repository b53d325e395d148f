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

/** Makes the partitions of the coming months and forgets idempotency keys that no client will send again. */
final class Housekeeping implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Housekeeping.class);
    private static final Duration KEYS_KEPT = Duration.ofHours(24);

    private final TenantTransactions transactions;
    private final Clock clock;
    private final ScheduledExecutorService ticks =
            Executors.newSingleThreadScheduledExecutor(Thread.ofVirtual().factory());

    Housekeeping(TenantTransactions transactions, Clock clock) {
        this.transactions = transactions;
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

    void run() {
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
    }

    @Override
    public void close() {
        ticks.shutdownNow();
    }
}
