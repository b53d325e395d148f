package io.logicdistillation.inference.escalations;

import io.logicdistillation.inference.decisionlog.TenantTransactions;
import io.logicdistillation.inference.upstream.TaskKey;
import java.time.Clock;
import java.time.LocalDate;
import java.time.ZoneOffset;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * What tasks may spend on a day (UTC), over all replicas. A call reserves what it may cost at most, in the same statement that
 * checks the limit, so that calls at once do not overdraw it together. Thread-safe.
 */
final class Spending {
    private final TenantTransactions transactions;
    private final Clock clock;

    Spending(TenantTransactions transactions, Clock clock) {
        this.transactions = transactions;
        this.clock = clock;
    }

    record Amount(long tokens, long micros) {}

    /** @param day on which it was reserved, and is settled */
    record Reservation(TaskKey task, LocalDate day, Amount amount) {}

    /** @return null if the limit does not allow it */
    @Nullable
    Reservation reserve(TaskKey task, Amount amount, Amount limit) {
        LocalDate today = LocalDate.ofInstant(clock.instant(), ZoneOffset.UTC);
        if (amount.tokens() > limit.tokens() || amount.micros() > limit.micros()) {
            return null;
        }
        int reserved = transactions.of(
                task.tenant(),
                jdbc -> of(jdbc, """
                        INSERT INTO escalation_spend AS spent (tenant, task, day, calls, tokens, micros)
                        VALUES (:tenant, :task, :day, 1, :tokens, :micros)
                        ON CONFLICT (tenant, task, day) DO UPDATE
                        SET calls = spent.calls + 1, tokens = spent.tokens + :tokens, micros = spent.micros + :micros
                        WHERE spent.tokens + :tokens <= :mostTokens AND spent.micros + :micros <= :mostMicros
                        """, task, today)
                        .param("tokens", amount.tokens())
                        .param("micros", amount.micros())
                        .param("mostTokens", limit.tokens())
                        .param("mostMicros", limit.micros())
                        .update());
        return reserved == 0 ? null : new Reservation(task, today, amount);
    }

    /** Replaces what was reserved by what it cost. */
    void settle(Reservation reservation, Amount cost) {
        transactions.of(
                reservation.task().tenant(),
                jdbc -> of(jdbc, """
                        UPDATE escalation_spend SET tokens = tokens + :tokens, micros = micros + :micros
                        WHERE tenant = :tenant AND task = :task AND day = :day
                        """, reservation.task(), reservation.day())
                        .param("tokens", cost.tokens() - reservation.amount().tokens())
                        .param("micros", cost.micros() - reservation.amount().micros())
                        .update());
    }

    private static JdbcClient.StatementSpec of(JdbcClient jdbc, String sql, TaskKey task, LocalDate day) {
        return jdbc.sql(sql)
                .param("tenant", task.tenant())
                .param("task", task.task())
                .param("day", day);
    }
}
