package io.logicdistillation.distillation.workers;

import io.logicdistillation.distillation.jobs.Job;
import io.logicdistillation.distillation.jobs.JobProperties;
import io.logicdistillation.distillation.jobs.JobRows;
import java.sql.Timestamp;
import java.time.Clock;
import java.util.Optional;
import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;

/**
 * Runs whose worker is known to be gone before its lease tells, or never came. The same rules as for a failure: it counts as a try,
 * the next one waits, and after the last the job is given up with the reason. Thread-safe, for several processes too.
 */
@Component
public class Losses {
    private static final String NEXT = """
            SET state = CASE WHEN j.tries + :counts < j.attempt_limit THEN 'queued' ELSE 'failed' END,
                finished_at = CASE WHEN j.tries + :counts < j.attempt_limit THEN NULL ELSE cast(:now AS timestamptz) END,
                tries = j.tries + :counts,
                reason = :reason,
                lease_until = NULL,
                not_before = cast(:now AS timestamptz)
                    + interval '1 second' * least(cast(:backoff AS double precision) * power(2, j.tries + :counts - 1), 3600)
            """;
    private static final String RUNNING = """
            WITH lost AS (
                UPDATE jobs j %s
                FROM job_attempts a
                WHERE j.number = :job AND j.id = :id AND j.state = 'running' AND j.fence = :run
                  AND a.job = j.number AND a.fence = j.fence AND a.worker = :worker
                RETURNING j.*),
            ended AS (
                UPDATE job_attempts a SET outcome = 'lost', ended_at = :now, reason = :reason
                FROM lost WHERE a.job = lost.number AND a.fence = lost.fence)
            SELECT * FROM lost
            """.formatted(NEXT);
    /** The run is used up as if it had been claimed, so that the next one has another number. */
    private static final String WAITING = """
            WITH lost AS (
                UPDATE jobs j %s, fence = :run
                WHERE j.number = :job AND j.id = :id AND j.state = 'queued' AND j.fence = :run - 1
                RETURNING j.*),
            attempt AS (
                INSERT INTO job_attempts (job, fence, claim, worker, started_at, ended_at, outcome, reason)
                SELECT number, fence, :claim, :worker, :now, :now, 'lost', :reason FROM lost)
            SELECT * FROM lost
            """.formatted(NEXT);

    private final JdbcClient jdbc;
    private final JobRows rows;
    private final JobProperties properties;
    private final Leases leases;
    private final Clock clock;

    Losses(JdbcClient jdbc, JobRows rows, JobProperties properties, Leases leases, Clock clock) {
        this.jdbc = jdbc;
        this.rows = rows;
        this.properties = properties;
        this.leases = leases;
        this.clock = clock;
    }

    /**
     * @param job its row
     * @param run the fencing token that its claim has, or would have had
     * @param worker that was started for it
     */
    public record Lost(long job, UUID id, long run, String worker) {}

    /** @return whether it was this worker's, or nobody's, until now */
    @Transactional
    public boolean lose(Lost lost, String reason) {
        Optional<Job> found = change(RUNNING, 0, lost, reason).or(() -> change(WAITING, 1, lost, reason));
        found.ifPresent(job -> leases.ended(job, "lost", reason));
        return found.isPresent();
    }

    private Optional<Job> change(String statement, int counts, Lost lost, String reason) {
        JdbcClient.StatementSpec prepared = jdbc.sql(statement)
                .param("counts", counts)
                .param("job", lost.job())
                .param("id", lost.id())
                .param("run", lost.run())
                .param("worker", lost.worker())
                .param("reason", reason)
                .param("backoff", properties.backoff().toMillis() / 1_000.0)
                .param("now", Timestamp.from(clock.instant()));
        return (statement.equals(WAITING) ? prepared.param("claim", UUID.randomUUID()) : prepared)
                .query(rows::read)
                .optional();
    }
}
