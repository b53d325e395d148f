package io.logicdistillation.distillation.jobs;

import com.github.f4b6a3.uuid.UuidCreator;
import io.logicdistillation.contracts.Page;
import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.contracts.ProblemType;
import io.logicdistillation.distillation.datasets.Cursor;
import io.logicdistillation.kit.Caller;
import java.sql.Timestamp;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** The table of jobs as tenants use it. Every statement names the tenant or a row that was found by it. Thread-safe. */
@Component
class JobStore {
    private static final String BY_ID = "SELECT * FROM jobs WHERE tenant = :tenant AND id = :id";
    private static final String BY_KEY = "SELECT * FROM jobs WHERE tenant = :tenant AND idempotency_key = :key";
    private static final String ATTEMPTS = "SELECT * FROM job_attempts WHERE job = :job ORDER BY fence DESC LIMIT 100";
    private static final String PAGE = """
            SELECT * FROM jobs
            WHERE tenant = :tenant
              AND (cast(:state AS text) IS NULL OR state = :state)
              AND (cast(:task AS text) IS NULL OR task = :task)
              AND (cast(:before AS bigint) IS NULL OR number < :before)
            ORDER BY number DESC
            LIMIT :limit
            """;
    /** Written each time, so that a change of the settings reaches the claims. */
    private static final String LOCK_TENANT = """
            INSERT INTO job_tenants (tenant, weight, most_running)
            VALUES (:tenant, :weight, :mostRunning)
            ON CONFLICT (tenant) DO UPDATE SET weight = excluded.weight, most_running = excluded.most_running
            """;

    private static final String QUEUED = "SELECT count(*) FROM jobs WHERE tenant = :tenant AND state = 'queued'";
    private static final String INSERT = """
            INSERT INTO jobs (tenant, id, task, spec, idempotency_key, request_sha256, state, base, method, priority,
                              cpu_only, gpu_type, gpu_memory_mb, gpus, sweep, adaptation, not_before, attempt_limit, submitted_by,
                              created_at)
            VALUES (:tenant, :id, :task, :spec, :key, :request, 'queued', :base, :method, :priority,
                    :cpuOnly, :gpuType, :gpuMemoryMb, :gpus, :sweep, :adaptation, :now, :attemptLimit, :submittedBy, :now)
            """;
    private static final String CANCEL = """
            WITH cancelled AS (
                UPDATE jobs SET state = 'cancelled', finished_at = :now, lease_until = NULL
                WHERE number = :job AND state IN ('queued', 'running')
                RETURNING number),
            stopped AS (
                UPDATE job_attempts SET outcome = 'cancelled', ended_at = :now
                WHERE job IN (SELECT number FROM cancelled) AND outcome = 'running')
            SELECT count(*) FROM cancelled
            """;
    private static final String RETRY = """
            UPDATE jobs SET state = 'queued', tries = 0, not_before = :now, finished_at = NULL, reason = NULL
            WHERE number = :job AND state IN ('failed', 'cancelled')
            """;

    private final JdbcClient jdbc;
    private final JobRows rows;
    private final JobProperties properties;
    private final Clock clock;

    JobStore(JdbcClient jdbc, JobRows rows, JobProperties properties, Clock clock) {
        this.jdbc = jdbc;
        this.rows = rows;
        this.properties = properties;
        this.clock = clock;
    }

    /** What to look for; null where it does not matter. */
    record Filter(@Nullable JobState state, @Nullable String task) {}

    /** A job with the hash of the request that made it. */
    record Kept(Job job, String requestSha256) {}

    /** How a client names its submit, so that sending it again does not make a second job. */
    record Submit(@Nullable String key, String requestSha256, String spec) {}

    /**
     * Makes submits of the tenant wait for each other until the transaction ends.
     *
     * @throws PlatformException {@link ProblemType#QUOTA_EXCEEDED} from the returned check if as many wait as may
     */
    Runnable lockQueue(String tenant) {
        JobProperties.Quota quota = properties.quota(tenant);
        jdbc.sql(LOCK_TENANT)
                .param("tenant", tenant)
                .param("weight", quota.weight())
                .param("mostRunning", quota.mostRunning())
                .update();
        return () -> {
            long queued =
                    jdbc.sql(QUEUED).param("tenant", tenant).query(Long.class).single();
            if (queued >= quota.mostQueued()) {
                throw new PlatformException(
                        ProblemType.QUOTA_EXCEEDED, "The tenant has " + queued + " jobs waiting, as many as it may");
            }
        };
    }

    UUID insert(Caller caller, JobSpec spec, Submit submit) {
        UUID id = UuidCreator.getTimeOrderedEpoch();
        jdbc.sql(INSERT)
                .param("tenant", caller.tenant())
                .param("id", id)
                .param("task", spec.task().name())
                .param("spec", submit.spec())
                .param("key", submit.key())
                .param("request", submit.requestSha256())
                .param("base", spec.base())
                .param("method", spec.method().name())
                .param("priority", spec.priority())
                .param("cpuOnly", spec.resources().cpuOnly())
                .param("gpuType", spec.resources().gpuType())
                .param("gpuMemoryMb", spec.resources().gpuMemoryMb())
                .param("gpus", spec.resources().gpus())
                .param("sweep", spec.sweep() != null)
                .param("adaptation", spec.hyperparameters().adaptation().wireName())
                .param("attemptLimit", spec.attemptLimit())
                .param("submittedBy", caller.name())
                .param("now", now())
                .update();
        return id;
    }

    Optional<Kept> byKey(String tenant, String key) {
        return jdbc.sql(BY_KEY)
                .param("tenant", tenant)
                .param("key", key)
                .query((row, index) -> new Kept(rows.read(row, index), row.getString("request_sha256")))
                .optional();
    }

    /** With its attempts, newest first. @throws PlatformException {@link ProblemType#UNKNOWN_JOB} */
    Job get(String tenant, UUID id) {
        Job found = jdbc.sql(BY_ID)
                .param("tenant", tenant)
                .param("id", id)
                .query(rows::read)
                .optional()
                .orElseThrow(() -> new PlatformException(ProblemType.UNKNOWN_JOB, "There is no job '" + id + "'"));
        return found.with(jdbc.sql(ATTEMPTS)
                .param("job", found.number())
                .query(JobRows::attempt)
                .list());
    }

    /** Newest first. */
    Page<Job> page(String tenant, Filter filter, @Nullable Long before, int limit) {
        JobState state = filter.state();
        List<Job> found = jdbc.sql(PAGE)
                .param("tenant", tenant)
                .param("state", state == null ? null : state.wireName())
                .param("task", filter.task())
                .param("before", before)
                .param("limit", limit + 1)
                .query(rows::read)
                .list();
        List<Job> shown = found.subList(0, Math.min(limit, found.size()));
        return new Page<>(
                shown, found.size() > limit ? Cursor.of(shown.getLast().number()) : null);
    }

    /** @return whether it was queued or running */
    boolean cancel(Job job) {
        return jdbc.sql(CANCEL)
                        .param("job", job.number())
                        .param("now", now())
                        .query(Integer.class)
                        .single()
                == 1;
    }

    /** @return whether it had failed or been cancelled */
    boolean retry(Job job) {
        return jdbc.sql(RETRY).param("job", job.number()).param("now", now()).update() == 1;
    }

    private Timestamp now() {
        Instant now = clock.instant();
        return Timestamp.from(now);
    }
}
