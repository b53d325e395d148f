package io.logicdistillation.inference.canaries;

import com.github.f4b6a3.uuid.UuidCreator;
import io.logicdistillation.contracts.Student;
import io.logicdistillation.inference.decisionlog.TenantTransactions;
import io.logicdistillation.inference.upstream.TaskKey;
import io.logicdistillation.kit.tenantdata.TenantChanged;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import org.springframework.context.event.EventListener;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Counts what comes of decisions while a task has a canary: in memory, so that it costs decisions nothing, and now and then in the
 * database that all replicas share. A process that dies takes a few seconds of counting with it. Thread-safe.
 */
final class Counts {
    /** Stands as author of what an escalation taught; it agrees with itself. */
    private static final String TEACHER = "teacher";

    private static final String WRITE = """
            INSERT INTO canary_counts
                (tenant, task, canary, replica, arm, decisions, errors, escalations, counted_at)
            VALUES (:tenant, :task, :canary, :replica, :arm, :decisions, :errors, :escalations, :now)
            ON CONFLICT (tenant, canary, replica, arm) DO UPDATE
            SET decisions = excluded.decisions, errors = excluded.errors, escalations = excluded.escalations,
                counted_at = excluded.counted_at
            """;
    private static final String READ = """
            SELECT arm, sum(decisions) AS decisions, sum(errors) AS errors, sum(escalations) AS escalations
            FROM canary_counts WHERE tenant = :tenant AND canary = :canary
            GROUP BY arm
            """;
    /** Of several corrections of a stage the newest counts. */
    private static final String CORRECTIONS = """
            WITH judged AS (
                SELECT DISTINCT ON (decision, stage) decision, stage, correction FROM feedback
                WHERE tenant = :tenant AND task = :task AND decision >= first_id_at(:since)
                  AND correction IS NOT NULL AND author <> :teacher
                ORDER BY decision, stage, id DESC)
            SELECT CASE WHEN made.canary THEN 'canary' ELSE 'serving' END AS arm, count(*) AS corrected,
                count(*) FILTER (WHERE NOT EXISTS (
                    SELECT 1 FROM json_array_elements(without_nul(made.stages)) AS stage
                    WHERE stage.value ->> 'stage' = judged.stage
                      AND stage.value ->> 'chosen' = judged.correction)) AS disagreeing
            FROM judged JOIN decisions made ON made.id = judged.decision AND made.tenant = :tenant
            WHERE made.id >= first_id_at(:since)
              AND ((made.canary AND made.student = :student) OR (made.canary IS NULL AND made.student = :serving))
            GROUP BY 1
            """;

    private final TenantTransactions transactions;
    private final Clock clock;
    private final MeterRegistry meters;
    private final UUID replica = UuidCreator.getTimeOrderedEpoch();
    private final ConcurrentHashMap<String, Tally> tallies = new ConcurrentHashMap<>();

    Counts(TenantTransactions transactions, Clock clock, MeterRegistry meters) {
        this.transactions = transactions;
        this.clock = clock;
        this.meters = meters;
    }

    /** What this process has counted of one canary. */
    static final class Tally {
        final TaskKey task;
        final Student.Canary canary;
        private final LongAdder[][] counts = new LongAdder[Arm.values().length][Outcome.values().length];

        Tally(TaskKey task, Student.Canary canary) {
            this.task = task;
            this.canary = canary;
            for (LongAdder[] outcomes : counts) {
                Arrays.setAll(outcomes, place -> new LongAdder());
            }
        }

        private void add(Arm arm, Outcome outcome) {
            counts[arm.ordinal()][outcome.ordinal()].increment();
        }

        private long get(Arm arm, Outcome outcome) {
            return counts[arm.ordinal()][outcome.ordinal()].sum();
        }
    }

    void add(TaskKey task, Student.Canary canary, Arm arm, Outcome outcome) {
        tallies.computeIfAbsent(canary.id(), unknown -> new Tally(task, canary)).add(arm, outcome);
        meters.counter("canary.decisions", "arm", arm.wire(), "outcome", outcome.wire())
                .increment();
    }

    /** Of every canary that this process has decided beside. */
    Collection<Tally> tallies() {
        return List.copyOf(tallies.values());
    }

    @EventListener
    void forget(TenantChanged changed) {
        tallies.values().removeIf(tally -> tally.task.tenant().equals(changed.tenant()));
    }

    /** It has ended: nobody asks for its figures any more. */
    void forget(Tally tally) {
        tallies.remove(tally.canary.id(), tally);
    }

    /** Writes down what this process has counted, and adds up what all have. */
    Figures settle(Tally tally) {
        return transactions.of(tally.task.tenant(), jdbc -> {
            for (Arm arm : Arm.values()) {
                write(jdbc, tally, arm);
            }
            Map<String, Figures.Arm> read = read(jdbc, tally);
            return new Figures(
                    read.getOrDefault(Arm.CANARY.wire(), Figures.Arm.NONE),
                    read.getOrDefault(Arm.SERVING.wire(), Figures.Arm.NONE));
        });
    }

    private void write(JdbcClient jdbc, Tally tally, Arm arm) {
        long errors = tally.get(arm, Outcome.FAILED);
        long escalations = tally.get(arm, Outcome.ESCALATED);
        jdbc.sql(WRITE)
                .param("tenant", tally.task.tenant())
                .param("task", tally.task.task())
                .param("canary", UUID.fromString(tally.canary.id()))
                .param("replica", replica)
                .param("arm", arm.wire())
                .param("decisions", errors + escalations + tally.get(arm, Outcome.DECIDED))
                .param("errors", errors)
                .param("escalations", escalations)
                .param("now", OffsetDateTime.ofInstant(clock.instant(), ZoneOffset.UTC))
                .update();
    }

    private static Map<String, Figures.Arm> read(JdbcClient jdbc, Tally tally) {
        Map<String, Figures.Arm> read = new HashMap<>();
        jdbc.sql(READ)
                .param("tenant", tally.task.tenant())
                .param("canary", UUID.fromString(tally.canary.id()))
                .query((row, number) -> read.put(
                        row.getString("arm"),
                        new Figures.Arm(
                                row.getLong("decisions"), row.getLong("errors"), row.getLong("escalations"), 0, 0)))
                .list();
        jdbc.sql(CORRECTIONS)
                .param("tenant", tally.task.tenant())
                .param("task", tally.task.task())
                .param("since", OffsetDateTime.ofInstant(tally.canary.startedAt(), ZoneOffset.UTC))
                .param("teacher", TEACHER)
                .param("student", tally.canary.student())
                .param("serving", tally.canary.serving())
                .query((row, number) -> read.merge(
                        row.getString("arm"),
                        new Figures.Arm(0, 0, 0, row.getLong("corrected"), row.getLong("disagreeing")),
                        Figures.Arm::plus))
                .list();
        return read;
    }
}
