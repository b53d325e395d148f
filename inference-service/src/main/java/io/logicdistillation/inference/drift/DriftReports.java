package io.logicdistillation.inference.drift;

import com.github.f4b6a3.uuid.UuidCreator;
import io.logicdistillation.contracts.Page;
import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.contracts.ProblemType;
import io.logicdistillation.inference.decisionlog.DecisionFilter;
import io.logicdistillation.inference.decisionlog.TenantTransactions;
import io.logicdistillation.kit.WireJson;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/** Remembers drift reports, and whose turn it is to work on one. Thread-safe. */
final class DriftReports {
    private static final int OPEN_AT_ONCE = 3;
    private static final int ATTEMPTS = 5;

    private final TenantTransactions transactions;
    private final Clock clock;
    private final JsonMapper json = WireJson.lenient();

    DriftReports(TenantTransactions transactions, Clock clock) {
        this.transactions = transactions;
        this.clock = clock;
    }

    /**
     * What a worker needs to go on.
     *
     * @param after the last decision that the tally holds; absent at the start
     * @param attempt number of the claim; only the newest may save
     */
    record Work(
            UUID id,
            String tenant,
            DriftReport report,
            UUID first,
            UUID last,
            @Nullable UUID after,
            int attempt) {}

    /** @throws PlatformException {@link ProblemType#QUOTA_EXCEEDED} if the tenant has as many running as it may */
    DriftReport create(String tenant, String task, DriftReport.Request request, String snapshot) {
        UUID id = UuidCreator.getTimeOrderedEpoch();
        DecisionFilter range = DecisionFilter.between(request.from(), request.to());
        return transactions.of(tenant, jdbc -> {
            jdbc.sql("SELECT pg_advisory_xact_lock(hashtextextended('drift ' || :tenant, 0)) IS NULL")
                    .param("tenant", tenant)
                    .query(Boolean.class)
                    .single();
            int open = jdbc.sql("SELECT count(*) FROM drift_reports WHERE tenant = :tenant AND status = 'running'")
                    .param("tenant", tenant)
                    .query(Integer.class)
                    .single();
            if (open >= OPEN_AT_ONCE) {
                throw new PlatformException(
                        ProblemType.QUOTA_EXCEEDED, OPEN_AT_ONCE + " drift reports are running; wait, or cancel one");
            }
            jdbc.sql("""
                            INSERT INTO drift_reports (id, tenant, task, student, snapshot, first_decision, last_decision,
                                total, done, status, tally, attempts, created_at, beat_at)
                            SELECT :id, :tenant, :task, :student, :snapshot, coalesce(min(id::text)::uuid, :id),
                                coalesce(max(id::text)::uuid, :id), count(*), 0, 'running', CAST(:tally AS json), 0, :now,
                                to_timestamp(0)
                            FROM (
                                SELECT decisions.id FROM decisions WHERE tenant = :tenant AND task = :task %s
                                ORDER BY decisions.id DESC LIMIT :limit) AS wanted
                            """.formatted(range.sql()))
                    // First, because a filter has a student of its own, which is absent here.
                    .params(range.parameters())
                    .param("id", id)
                    .param("tenant", tenant)
                    .param("task", task)
                    .param("student", request.student())
                    .param("snapshot", snapshot)
                    .param("tally", json.writeValueAsString(Tally.EMPTY))
                    .param("now", now())
                    .param("limit", request.atMost())
                    .update();
            return jdbc.sql("SELECT * FROM drift_reports WHERE tenant = :tenant AND id = :id")
                    .param("tenant", tenant)
                    .param("id", id)
                    .query(this::row)
                    .single();
        });
    }

    /** @throws PlatformException {@link ProblemType#NOT_FOUND} */
    DriftReport get(String tenant, String task, String id) {
        return find(tenant, task, uuid(id)).orElseThrow(DriftReports::unknown);
    }

    private Optional<DriftReport> find(String tenant, String task, UUID id) {
        return transactions.of(
                tenant,
                jdbc -> jdbc.sql("SELECT * FROM drift_reports WHERE tenant = :tenant AND task = :task AND id = :id")
                        .param("tenant", tenant)
                        .param("task", task)
                        .param("id", id)
                        .query(this::row)
                        .optional());
    }

    Page<DriftReport> list(String tenant, String task, @Nullable String cursor, int limit) {
        UUID before = cursor == null ? null : uuid(cursor);
        List<DriftReport> found = transactions.of(
                tenant,
                jdbc -> jdbc.sql("SELECT * FROM drift_reports WHERE tenant = :tenant AND task = :task"
                                + (before == null ? "" : " AND id < :before") + " ORDER BY id DESC LIMIT :limit")
                        .param("tenant", tenant)
                        .param("task", task)
                        .param("before", before)
                        .param("limit", limit + 1)
                        .query(this::row)
                        .list());
        List<DriftReport> page = found.size() > limit ? found.subList(0, limit) : found;
        return new Page<>(page, found.size() > limit ? page.getLast().id() : null);
    }

    /** Ends a running report; one that has ended stays as it is. @throws PlatformException {@link ProblemType#NOT_FOUND} */
    DriftReport cancel(String tenant, String task, String id) {
        UUID uuid = uuid(id);
        transactions.of(
                tenant,
                jdbc -> jdbc.sql("""
                        UPDATE drift_reports SET status = 'cancelled'
                        WHERE tenant = :tenant AND task = :task AND id = :id AND status = 'running'
                        """)
                        .param("tenant", tenant)
                        .param("task", task)
                        .param("id", uuid)
                        .update());
        return find(tenant, task, uuid).orElseThrow(DriftReports::unknown);
    }

    /**
     * Takes the oldest report that nobody has shown life on.
     *
     * @param silence after which a worker counts as gone
     */
    Optional<Work> claim(Duration silence) {
        return transactions.ofEverybody(jdbc -> jdbc.sql("""
                        UPDATE drift_reports SET beat_at = :now, attempts = attempts + 1,
                            status = CASE WHEN attempts < :most THEN status ELSE 'failed' END,
                            problem = CASE WHEN attempts < :most THEN problem ELSE 'Its workers were lost too often' END
                        WHERE id = (
                            SELECT id FROM drift_reports WHERE status = 'running' AND beat_at < :silentSince
                            ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED)
                        RETURNING *
                        """)
                .param("now", now())
                .param("most", ATTEMPTS)
                .param("silentSince", now().minus(silence))
                .query((row, number) -> new Work(
                        row.getObject("id", UUID.class),
                        row.getString("tenant"),
                        row(row, number),
                        row.getObject("first_decision", UUID.class),
                        row.getObject("last_decision", UUID.class),
                        row.getObject("at_decision", UUID.class),
                        row.getInt("attempts")))
                .optional());
    }

    /**
     * Saves what was found and shows life.
     *
     * @return whether to go on; not if the report was cancelled or another worker has it
     */
    boolean save(Work work, @Nullable UUID at, int done, Tally tally, DriftReport.Status status) {
        return transactions.of(
                work.tenant(),
                jdbc -> jdbc.sql("""
                                UPDATE drift_reports SET at_decision = :at, done = :done, tally = CAST(:tally AS json),
                                    status = :status, beat_at = :now
                                WHERE id = :id AND attempts = :attempt AND status = 'running'
                                """)
                                .param("at", at)
                                .param("done", done)
                                .param("tally", json.writeValueAsString(tally))
                                .param("status", status.stored())
                                .param("now", now())
                                .param("id", work.id())
                                .param("attempt", work.attempt())
                                .update()
                        == 1);
    }

    void fail(Work work, String problem) {
        transactions.of(
                work.tenant(),
                jdbc -> jdbc.sql("""
                        UPDATE drift_reports SET status = 'failed', problem = :problem
                        WHERE id = :id AND attempts = :attempt AND status = 'running'
                        """)
                        .param("problem", problem)
                        .param("id", work.id())
                        .param("attempt", work.attempt())
                        .update());
    }

    private OffsetDateTime now() {
        return OffsetDateTime.ofInstant(clock.instant(), ZoneOffset.UTC);
    }

    private DriftReport row(ResultSet row, int number) throws SQLException {
        Tally tally = json.readValue(row.getString("tally"), Tally.class);
        return new DriftReport(
                row.getString("id"),
                row.getString("task"),
                row.getString("student"),
                row.getString("snapshot"),
                DriftReport.Status.valueOf(row.getString("status").toUpperCase(Locale.ROOT)),
                row.getInt("total"),
                row.getInt("done"),
                tally.compared() == 0 ? null : (double) tally.changed() / tally.compared(),
                tally,
                row.getString("problem"),
                row.getObject("created_at", OffsetDateTime.class).toInstant());
    }

    private static UUID uuid(String text) {
        try {
            return UUID.fromString(text);
        } catch (IllegalArgumentException none) {
            throw unknown();
        }
    }

    private static PlatformException unknown() {
        return new PlatformException(ProblemType.NOT_FOUND, "There is no such drift report");
    }
}
