package io.logicdistillation.inference.policies;

import io.logicdistillation.inference.decisionlog.TenantTransactions;
import io.logicdistillation.inference.upstream.TaskKey;
import io.logicdistillation.kit.WireJson;
import io.logicdistillation.kit.tenantdata.TenantChanged;
import java.time.Clock;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.springframework.context.event.EventListener;
import tools.jackson.databind.json.JsonMapper;

/** The tasks' policies. Decisions see a change within a second, on every replica. Thread-safe. */
public final class Policies {
    private static final Duration FRESH = Duration.ofSeconds(1);
    private static final int MOST_KEPT = 10_000;

    private final TenantTransactions transactions;
    private final Clock clock;
    private final JsonMapper json = WireJson.lenient();
    private final ConcurrentHashMap<TaskKey, Known> known = new ConcurrentHashMap<>();

    Policies(TenantTransactions transactions, Clock clock) {
        this.transactions = transactions;
        this.clock = clock;
    }

    private record Known(DecisionPolicy policy, long readAt) {
        boolean isFresh() {
            return System.nanoTime() - readAt < FRESH.toNanos();
        }
    }

    /** As it was at most a second ago. */
    public DecisionPolicy of(TaskKey task) {
        Known last = known.get(task);
        return last != null && last.isFresh() ? last.policy() : read(task);
    }

    /** As it is now. */
    DecisionPolicy read(TaskKey task) {
        @Nullable
        String stored = transactions.of(
                task.tenant(),
                jdbc -> jdbc.sql("SELECT policy FROM decision_policies WHERE tenant = :tenant AND task = :task")
                        .param("tenant", task.tenant())
                        .param("task", task.task())
                        .query(String.class)
                        .optional()
                        .orElse(null));
        return remember(task, stored == null ? DecisionPolicy.NONE : json.readValue(stored, DecisionPolicy.class));
    }

    DecisionPolicy put(TaskKey task, DecisionPolicy policy, String by) {
        transactions.of(
                task.tenant(),
                jdbc -> jdbc.sql("""
                        INSERT INTO decision_policies (tenant, task, policy, changed_by, changed_at)
                        VALUES (:tenant, :task, CAST(:policy AS json), :by, :now)
                        ON CONFLICT (tenant, task) DO UPDATE
                        SET policy = excluded.policy, changed_by = excluded.changed_by, changed_at = excluded.changed_at
                        """)
                        .param("tenant", task.tenant())
                        .param("task", task.task())
                        .param("policy", json.writeValueAsString(policy))
                        .param("by", by)
                        .param("now", OffsetDateTime.ofInstant(clock.instant(), ZoneOffset.UTC))
                        .update());
        return remember(task, policy);
    }

    @EventListener
    void forget(TenantChanged changed) {
        known.keySet().removeIf(task -> task.tenant().equals(changed.tenant()));
    }

    private DecisionPolicy remember(TaskKey task, DecisionPolicy policy) {
        if (known.size() > MOST_KEPT) {
            known.clear();
        }
        known.put(task, new Known(policy, System.nanoTime()));
        return policy;
    }
}
