package io.logicdistillation.inference.decisionlog;

import io.logicdistillation.inference.upstream.TaskKey;
import io.logicdistillation.kit.tenantdata.TenantChanged;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.event.EventListener;

/** Remembers beyond a restart which tasks decisions were made for. Thread-safe. */
public final class ServedTasks {
    private static final Logger log = LoggerFactory.getLogger(ServedTasks.class);
    private static final Duration WRITTEN_EVERY = Duration.ofMinutes(5);

    private final TenantTransactions transactions;
    private final Clock clock;
    private final ConcurrentHashMap<TaskKey, Instant> written = new ConcurrentHashMap<>();

    ServedTasks(TenantTransactions transactions, Clock clock) {
        this.transactions = transactions;
        this.clock = clock;
    }

    /** A decision was made. Never fails: a task that is not remembered is got ready by its first decision. */
    public void note(TaskKey task) {
        Instant now = clock.instant();
        Instant last = written.get(task);
        if (last != null && last.plus(WRITTEN_EVERY).isAfter(now)) {
            return;
        }
        written.put(task, now);
        try {
            write(task, now);
        } catch (RuntimeException failure) {
            written.remove(task);
            log.warn("That task '{}' is served was not written down: {}", task.task(), failure.toString());
        }
    }

    @EventListener
    void forget(TenantChanged changed) {
        written.keySet().removeIf(task -> task.tenant().equals(changed.tenant()));
    }

    private void write(TaskKey task, Instant now) {
        transactions.of(
                task.tenant(),
                jdbc -> jdbc.sql("""
                                INSERT INTO served_tasks (tenant, task, last_at) VALUES (:tenant, :task, :now)
                                ON CONFLICT (tenant, task) DO UPDATE SET last_at = excluded.last_at
                                """)
                        .param("tenant", task.tenant())
                        .param("task", task.task())
                        .param("now", OffsetDateTime.ofInstant(now, ZoneOffset.UTC))
                        .update());
    }

    /** The latest first. @param since how long ago at most */
    public List<TaskKey> recent(Duration since, int most) {
        OffsetDateTime from = OffsetDateTime.ofInstant(clock.instant().minus(since), ZoneOffset.UTC);
        return transactions.ofEverybody(jdbc -> jdbc.sql(
                        "SELECT tenant, task FROM served_tasks WHERE last_at > :from ORDER BY last_at DESC LIMIT :most")
                .param("from", from)
                .param("most", most)
                .query((row, number) -> new TaskKey(row.getString("tenant"), row.getString("task")))
                .list());
    }
}
