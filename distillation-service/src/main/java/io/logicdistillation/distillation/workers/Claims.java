package io.logicdistillation.distillation.workers;

import io.logicdistillation.distillation.jobs.Job;
import io.logicdistillation.distillation.jobs.JobEvents;
import io.logicdistillation.distillation.jobs.JobProperties;
import io.logicdistillation.distillation.jobs.JobRows;
import io.logicdistillation.distillation.jobs.JobState;
import io.micrometer.core.instrument.MeterRegistry;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;

/**
 * Who gets which job. Between tenants: whoever has the fewest running for its weight, among equals whoever waited longest since
 * its last claim. Within a tenant: the highest priority, then the oldest. Claims of one tenant take turns on its row, so that its
 * quota holds exactly; claims of others pass by. Thread-safe, for several processes too.
 */
@Component
class Claims {
    /** The tenant of a worker that serves all of them. */
    static final String EVERYBODY = "*";

    private static final String SUITS = """
              AND state = 'queued' AND not_before <= :now
              AND base = ANY (:bases) AND method = ANY (:methods)
              AND (NOT cpu_only OR :gpuMemoryMb = 0)
              AND gpu_memory_mb <= :gpuMemoryMb AND gpus <= :gpus
              AND (NOT sweep OR :sweeps) AND adaptation = ANY (:adaptations)
              AND (gpu_type IS NULL OR gpu_type = :gpuType)
              AND (cast(:job AS uuid) IS NULL OR (id = cast(:job AS uuid) AND fence = cast(:run AS bigint) - 1))
            """;
    /** The second join looks at the head of each tenant's queue; as an EXISTS it is planned as a scan of all queues. */
    private static final String TURNS = """
            SELECT t.tenant
            FROM job_tenants t
            CROSS JOIN LATERAL (
                SELECT count(*) AS running FROM jobs WHERE tenant = t.tenant AND state = 'running') r
            CROSS JOIN LATERAL (
                SELECT number FROM jobs WHERE tenant = t.tenant %s ORDER BY priority DESC, number LIMIT 1) head
            WHERE (:tenant = '*' OR t.tenant = :tenant)
              AND r.running < t.most_running
            ORDER BY r.running / t.weight, t.last_claim NULLS FIRST, t.tenant
            """.formatted(SUITS);

    private static final String LOCK = "SELECT tenant FROM job_tenants WHERE tenant = :tenant FOR NO KEY UPDATE";
    /** Begins after the lock, so it sees every claim that was made before. */
    private static final String CLAIM = """
            WITH picked AS (
                SELECT number
                FROM jobs
                WHERE tenant = :tenant %s
                  AND (SELECT count(*) FROM jobs WHERE tenant = :tenant AND state = 'running')
                      < (SELECT most_running FROM job_tenants WHERE tenant = :tenant)
                ORDER BY priority DESC, number
                LIMIT 1
                FOR UPDATE SKIP LOCKED),
            turn AS (
                UPDATE job_tenants SET last_claim = :now WHERE tenant = :tenant AND EXISTS (SELECT 1 FROM picked)),
            claimed AS (
                UPDATE jobs
                SET state = 'running', fence = fence + 1, tries = tries + 1, lease_until = :leaseUntil,
                    started_at = coalesce(started_at, :now), progress = NULL
                WHERE number = (SELECT number FROM picked)
                RETURNING *),
            attempt AS (
                INSERT INTO job_attempts (job, fence, claim, worker, started_at, outcome)
                SELECT number, fence, :claim, :worker, :now, 'running' FROM claimed)
            SELECT * FROM claimed
            """.formatted(SUITS);

    private static final String AGAIN = """
            SELECT j.*
            FROM jobs j JOIN job_attempts a ON a.job = j.number AND a.fence = j.fence
            WHERE a.claim = :claim AND a.worker = :worker AND j.state = 'running' AND (:tenant = '*' OR j.tenant = :tenant)
            """;
    private static final String CHECKPOINTS = """
            SELECT step, sha256, bytes FROM job_checkpoints WHERE job = :job ORDER BY step DESC
            """;

    private final JdbcClient jdbc;
    private final JobRows rows;
    private final JobEvents events;
    private final JobProperties properties;
    private final Clock clock;
    private final MeterRegistry meters;

    Claims(
            JdbcClient jdbc,
            JobRows rows,
            JobEvents events,
            JobProperties properties,
            Clock clock,
            MeterRegistry meters) {
        this.jdbc = jdbc;
        this.rows = rows;
        this.events = events;
        this.properties = properties;
        this.clock = clock;
        this.meters = meters;
    }

    /** A job with the fence of its newest claim. */
    private record Fenced(Job job, long fence, Instant leaseUntil) {}

    /**
     * The next job that suits the worker.
     *
     * @param tenant of the worker, {@link #EVERYBODY} for one that serves all
     * @param drawn by the worker, to become the claim's id; asked again with the same, it is given the same job
     */
    @Transactional
    public Optional<Claim> next(String tenant, @Nullable UUID drawn, Worker worker) {
        if (drawn != null) {
            Optional<Claim> before = again(tenant, drawn, worker);
            if (before.isPresent()) {
                return before;
            }
        }
        UUID claim = drawn == null ? UUID.randomUUID() : drawn;
        List<String> busy = new ArrayList<>();
        for (String turn : turns(tenant, worker)) {
            if (!lock(turn, " SKIP LOCKED")) {
                busy.add(turn);
                continue;
            }
            Optional<Claim> found = take(turn, claim, worker);
            if (found.isPresent()) {
                return found;
            }
        }
        for (String turn : busy) {
            lock(turn, "");
            Optional<Claim> found = take(turn, claim, worker);
            if (found.isPresent()) {
                return found;
            }
        }
        return Optional.empty();
    }

    private Optional<Claim> again(String tenant, UUID claim, Worker worker) {
        return jdbc.sql(AGAIN)
                .param("claim", claim)
                .param("worker", worker.worker())
                .param("tenant", tenant)
                .query((row, index) -> fenced(row, index))
                .optional()
                .map(found -> claim(claim, found));
    }

    private List<String> turns(String tenant, Worker worker) {
        return suits(jdbc.sql(TURNS).param("tenant", tenant), worker)
                .query((row, index) -> row.getString("tenant"))
                .list();
    }

    private boolean lock(String tenant, String otherwise) {
        return jdbc.sql(LOCK + otherwise)
                .param("tenant", tenant)
                .query(String.class)
                .optional()
                .isPresent();
    }

    private Optional<Claim> take(String tenant, UUID claim, Worker worker) {
        return suits(jdbc.sql(CLAIM), worker)
                .param("tenant", tenant)
                .param("claim", claim)
                .param("worker", worker.worker())
                .param("leaseUntil", Timestamp.from(clock.instant().plus(properties.lease())))
                .query((row, index) -> fenced(row, index))
                .optional()
                .map(found -> {
                    events.state(
                            found.job.number(),
                            JobState.RUNNING,
                            String.format(Locale.ROOT, "attempt %d by %s", found.fence, worker.worker()));
                    meters.counter("platform.jobs.claims").increment();
                    return claim(claim, found);
                });
    }

    private JdbcClient.StatementSpec suits(JdbcClient.StatementSpec statement, Worker worker) {
        Worker.Gpu gpu = worker.gpu();
        return statement
                .param("now", Timestamp.from(clock.instant()))
                .param("bases", worker.bases().toArray(String[]::new))
                .param(
                        "methods",
                        worker.methods().stream()
                                .map(method -> method.toUpperCase(Locale.ROOT))
                                .toArray(String[]::new))
                .param("gpuMemoryMb", gpu == null ? 0 : gpu.memoryMb())
                .param("gpuType", gpu == null ? "" : gpu.type())
                .param("gpus", gpu == null ? 0 : gpu.devices())
                .param("sweeps", Boolean.TRUE.equals(worker.sweeps()))
                .param("adaptations", worker.ways().toArray(String[]::new))
                .param("job", worker.job())
                .param("run", worker.run());
    }

    private Fenced fenced(ResultSet row, int index) throws SQLException {
        return new Fenced(
                rows.read(row, index),
                row.getLong("fence"),
                row.getTimestamp("lease_until").toInstant());
    }

    private Claim claim(UUID id, Fenced found) {
        boolean first = found.fence == 1;
        List<Claim.Checkpoint> checkpoints = first ? List.of() : checkpoints(found.job);
        return new Claim(
                id.toString(),
                found.fence,
                found.leaseUntil,
                properties.lease().toSeconds(),
                found.job.id(),
                found.job.tries(),
                found.job.spec(),
                checkpoints);
    }

    private List<Claim.Checkpoint> checkpoints(Job job) {
        return jdbc.sql(CHECKPOINTS)
                .param("job", job.number())
                .query((row, index) ->
                        new Claim.Checkpoint(row.getInt("step"), row.getString("sha256"), row.getLong("bytes")))
                .list();
    }
}
