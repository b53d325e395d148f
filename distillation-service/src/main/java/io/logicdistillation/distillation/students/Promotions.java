package io.logicdistillation.distillation.students;

import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.contracts.ProblemType;
import io.logicdistillation.contracts.Student;
import io.logicdistillation.kit.Caller;
import io.micrometer.core.instrument.MeterRegistry;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;

/**
 * Which student serves a task, as a journal that only grows: who, when, why. The newest entry of a task holds; it remembers the
 * one before it, so that rollbacks walk back step by step. Changes of one task are serialised in the database.
 */
@Component
class Promotions {
    private static final String LOCK = "SELECT pg_advisory_xact_lock(hashtextextended(:tenant || '/' || :task, 0))";
    private static final String LATEST = """
            SELECT * FROM promotions WHERE tenant = :tenant AND task = :task ORDER BY number DESC LIMIT 1
            """;
    private static final String BY_NUMBER = "SELECT * FROM promotions WHERE tenant = :tenant AND number = :number";
    private static final String OF_STUDENT = """
            SELECT * FROM promotions
            WHERE tenant = :tenant AND (student = :student OR rolled_back = :student)
            ORDER BY number DESC
            LIMIT 100
            """;
    private static final String INSERT = """
            INSERT INTO promotions (tenant, task, student, kind, reason, decided_by, decided_at, earlier, rolled_back,
                                    overrode)
            VALUES (:tenant, :task, :student, :kind, :reason, :decidedBy, :decidedAt, :earlier, :rolledBack, :overrode)
            RETURNING number
            """;

    private final JdbcClient jdbc;
    private final Clock clock;
    private final MeterRegistry meters;
    private final Verdicts verdicts;

    Promotions(JdbcClient jdbc, Clock clock, MeterRegistry meters, Verdicts verdicts) {
        this.jdbc = jdbc;
        this.clock = clock;
        this.meters = meters;
        this.verdicts = verdicts;
    }

    /**
     * An entry of the journal as clients see it.
     *
     * @param student who serves since then
     * @param rolledBack who served until then, where it was a rollback
     * @param overrode what the gate had against it, where it was promoted all the same
     * @param canary where it is about a share of the task, or ends with all of it what began with a share
     */
    record Entry(
            String task,
            String student,
            String kind,
            @Nullable String reason,
            String decidedBy,
            Instant decidedAt,
            @Nullable String rolledBack,
            @Nullable String overrode,
            Canaries.@Nullable Note canary) {
        Entry overriding(@Nullable String reasons) {
            return new Entry(task, student, kind, reason, decidedBy, decidedAt, rolledBack, reasons, canary);
        }

        Entry about(Canaries.Note note) {
            return new Entry(task, student, kind, reason, decidedBy, decidedAt, rolledBack, overrode, note);
        }
    }

    /**
     * Makes the student serve its task. Nothing changes if it does already.
     *
     * @param override whatever the gate says, which is then recorded
     * @return the number of the entry, if there is a new one
     * @throws PlatformException {@link ProblemType#GATE_REFUSED} with the reasons
     */
    @Transactional
    public Optional<Long> promote(Caller caller, Student student, @Nullable String reason, boolean override) {
        Optional<Row> latest = lockAndReadLatest(caller.tenant(), student.task());
        if (latest.isPresent() && latest.get().entry.student().equals(student.id())) {
            return Optional.empty();
        }
        String overrode = passGate(caller, student, override);
        Long earlier = latest.map(Row::number).orElse(null);
        Entry entry = entry(caller, student, student.id(), "promotion", reason, null);
        return Optional.of(insert(caller, entry.overriding(overrode), earlier));
    }

    /**
     * Compares the student with the one that serves.
     *
     * @return what was overridden; absent where nothing speaks against it
     * @throws PlatformException {@link ProblemType#GATE_REFUSED} with the reasons
     */
    @Nullable
    String passGate(Caller caller, Student student, boolean override) {
        PromotionGate.Verdict verdict = verdicts.today(caller.tenant(), student).gate();
        if (verdict.passed()) {
            return null;
        }
        if (!override) {
            meters.counter("platform.students.promotions", "kind", "refused").increment();
            throw new PlatformException(
                    ProblemType.GATE_REFUSED,
                    "The gate refuses it: " + String.join("; ", verdict.reasons())
                            + ". Promote it with an override and a reason if it shall serve all the same",
                    Map.of("reasons", verdict.reasons()));
        }
        return String.join("; ", verdict.reasons());
    }

    /**
     * Takes the student out of service again, for the one that served before it.
     *
     * @return the id of the one that serves from now on
     * @throws PlatformException {@link ProblemType#CONFLICT} if it does not serve, or nothing served before it
     */
    @Transactional
    public String rollBack(Caller caller, Student student, @Nullable String reason) {
        Row latest = lockAndReadLatest(caller.tenant(), student.task())
                .filter(row -> row.entry.student().equals(student.id()))
                .orElseThrow(() -> new PlatformException(
                        ProblemType.CONFLICT, "Only the student that serves the task can be rolled back"));
        if (latest.earlier == null) {
            throw new PlatformException(ProblemType.CONFLICT, "No student served the task before this one");
        }
        Row before = jdbc.sql(BY_NUMBER)
                .param("tenant", caller.tenant())
                .param("number", latest.earlier)
                .query(Promotions::read)
                .single();
        insert(
                caller,
                entry(caller, student, before.entry.student(), "rollback", reason, student.id()),
                before.earlier);
        return before.entry.student();
    }

    /** What happened to a student, newest first, at most the last hundred. */
    List<Row> of(String tenant, String student) {
        return jdbc.sql(OF_STUDENT)
                .param("tenant", tenant)
                .param("student", student)
                .query(Promotions::read)
                .list();
    }

    /** Whoever changes what serves a task, wholly or in part, takes turns; until the end of the transaction. */
    void lock(String tenant, String task) {
        jdbc.sql(LOCK)
                .param("tenant", tenant)
                .param("task", task)
                .query((row, index) -> index)
                .list();
    }

    private Optional<Row> lockAndReadLatest(String tenant, String task) {
        lock(tenant, task);
        return jdbc.sql(LATEST)
                .param("tenant", tenant)
                .param("task", task)
                .query(Promotions::read)
                .optional();
    }

    private Entry entry(
            Caller caller,
            Student about,
            String serving,
            String kind,
            @Nullable String reason,
            @Nullable String rolledBack) {
        return new Entry(about.task(), serving, kind, reason, caller.name(), clock.instant(), rolledBack, null, null);
    }

    private Long insert(Caller caller, Entry entry, @Nullable Long earlier) {
        Long number = jdbc.sql(INSERT)
                .param("tenant", caller.tenant())
                .param("task", entry.task())
                .param("student", entry.student())
                .param("kind", entry.kind())
                .param("reason", entry.reason())
                .param("decidedBy", entry.decidedBy())
                .param("decidedAt", Timestamp.from(entry.decidedAt()))
                .param("earlier", earlier)
                .param("rolledBack", entry.rolledBack())
                .param("overrode", entry.overrode())
                .query(Long.class)
                .single();
        meters.counter("platform.students.promotions", "kind", entry.kind()).increment();
        return number;
    }

    private static Row read(ResultSet row, int index) throws SQLException {
        Entry entry = new Entry(
                row.getString("task"),
                row.getString("student"),
                row.getString("kind"),
                row.getString("reason"),
                row.getString("decided_by"),
                row.getTimestamp("decided_at").toInstant(),
                row.getString("rolled_back"),
                row.getString("overrode"),
                null);
        return new Row(row.getLong("number"), row.getObject("earlier", Long.class), entry);
    }

    /** @param earlier the entry to which a rollback returns */
    record Row(long number, @Nullable Long earlier, Entry entry) {}
}
