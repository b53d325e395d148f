package io.logicdistillation.distillation.workers;

import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.contracts.ProblemType;
import io.logicdistillation.distillation.jobs.Job;
import io.logicdistillation.distillation.jobs.JobEvents;
import io.logicdistillation.distillation.jobs.JobProperties;
import io.logicdistillation.distillation.jobs.JobRows;
import io.logicdistillation.distillation.jobs.JobState;
import io.logicdistillation.distillation.jobs.Progress;
import io.micrometer.core.instrument.MeterRegistry;
import java.sql.Timestamp;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.context.event.EventListener;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;
import tools.jackson.databind.json.JsonMapper;

/**
 * Jobs between their claim and their end. A claim holds until its lease has run out and the sweep, or a cancelling person, has
 * taken the job; a heartbeat that comes late but before that revives it. Thread-safe, for several processes too.
 */
@Component
class Leases {
    private static final String HELD = """
            SELECT j.*
            FROM jobs j JOIN job_attempts a ON a.job = j.number AND a.fence = j.fence
            WHERE a.claim = :claim AND j.state = 'running' AND (:tenant = '*' OR j.tenant = :tenant)
            """;
    private static final String WHY_NOT = """
            SELECT j.state
            FROM jobs j JOIN job_attempts a ON a.job = j.number
            WHERE a.claim = :claim AND (:tenant = '*' OR j.tenant = :tenant)
            """;
    private static final String BEAT = """
            UPDATE jobs j
            SET lease_until = :leaseUntil, progress = coalesce(:progress, j.progress)
            FROM job_attempts a
            WHERE a.claim = :claim AND a.job = j.number AND a.fence = j.fence AND j.fence = :fence
              AND j.state = 'running' AND (:tenant = '*' OR j.tenant = :tenant)
            RETURNING j.number
            """;
    private static final String FAIL = """
            WITH failed AS (
                UPDATE jobs j
                SET state = CASE WHEN :retryable AND j.tries - cast(:free AS integer) < j.attempt_limit THEN 'queued' ELSE 'failed' END,
                    finished_at = CASE WHEN :retryable AND j.tries - cast(:free AS integer) < j.attempt_limit THEN NULL ELSE cast(:now AS timestamptz) END,
                    tries = j.tries - cast(:free AS integer),
                    reason = :reason,
                    lease_until = NULL,
                    not_before = cast(:now AS timestamptz)
                        + (1 - cast(:free AS integer)) * interval '1 second'
                        * least(cast(:backoff AS double precision) * power(2, j.tries - 1), 3600)
                FROM job_attempts a
                WHERE a.claim = :claim AND a.job = j.number AND a.fence = j.fence AND j.fence = :fence
                  AND j.state = 'running' AND (:tenant = '*' OR j.tenant = :tenant)
                RETURNING j.*),
            ended AS (
                UPDATE job_attempts a SET outcome = :outcome, ended_at = :now, reason = :reason
                FROM failed WHERE a.claim = :claim)
            SELECT * FROM failed
            """;
    private static final String SWEEP = """
            WITH silent AS (
                SELECT number FROM jobs WHERE state = 'running' AND lease_until < :now
                ORDER BY lease_until LIMIT 100 FOR UPDATE SKIP LOCKED),
            lost AS (
                UPDATE jobs
                SET state = CASE WHEN tries < attempt_limit THEN 'queued' ELSE 'failed' END,
                    finished_at = CASE WHEN tries < attempt_limit THEN NULL ELSE cast(:now AS timestamptz) END,
                    reason = :reason,
                    lease_until = NULL,
                    not_before = :now
                WHERE number IN (SELECT number FROM silent)
                RETURNING *),
            ended AS (
                UPDATE job_attempts a SET outcome = 'lost', ended_at = :now, reason = :reason
                FROM lost WHERE a.job = lost.number AND a.fence = lost.fence)
            SELECT * FROM lost
            """;

    private static final String FORGIVE = """
            UPDATE jobs SET lease_until = :until WHERE state = 'running' AND lease_until < :until
            """;

    private final JdbcClient jdbc;
    private final JobRows rows;
    private final JobEvents events;
    private final JobProperties properties;
    private final Clock clock;
    private final JsonMapper json;
    private final MeterRegistry meters;

    Leases(
            JdbcClient jdbc,
            JobRows rows,
            JobEvents events,
            JobProperties properties,
            Clock clock,
            JsonMapper json,
            MeterRegistry meters) {
        this.jdbc = jdbc;
        this.rows = rows;
        this.events = events;
        this.properties = properties;
        this.clock = clock;
        this.json = json;
        this.meters = meters;
    }

    /** Which claim a call is about. @param tenant of the worker, {@link Claims#EVERYBODY} for one that serves all */
    record Holder(String tenant, UUID claim) {}

    /**
     * Why an attempt ended.
     *
     * @param retryable whether another attempt could go better
     * @param released the worker gives the job back through no fault of it; that does not count as a try
     */
    record Failure(String reason, boolean retryable, boolean released) {}

    /** The job of a claim that still holds. @throws PlatformException {@link ProblemType#LEASE_LOST} */
    Job held(Holder holder) {
        return jdbc.sql(HELD)
                .param("claim", holder.claim())
                .param("tenant", holder.tenant())
                .query(rows::read)
                .optional()
                .orElseThrow(() -> lost(holder));
    }

    /** @return until when the lease holds now. @throws PlatformException {@link ProblemType#LEASE_LOST} */
    @Transactional
    public Instant beat(Holder holder, long fence, @Nullable Progress progress, List<String> log) {
        Instant leaseUntil = clock.instant().plus(properties.lease());
        long job = jdbc.sql(BEAT)
                .param("claim", holder.claim())
                .param("tenant", holder.tenant())
                .param("fence", fence)
                .param("leaseUntil", Timestamp.from(leaseUntil))
                .param("progress", progress == null ? null : json.writeValueAsString(progress))
                .query(Long.class)
                .optional()
                .orElseThrow(() -> lost(holder));
        if (progress != null) {
            events.metrics(job, progress);
        }
        events.log(job, log);
        return leaseUntil;
    }

    /** Queues the job again, or gives it up. @throws PlatformException {@link ProblemType#LEASE_LOST} */
    @Transactional
    public JobState fail(Holder holder, long fence, Failure failure) {
        Job job = jdbc.sql(FAIL)
                .param("claim", holder.claim())
                .param("tenant", holder.tenant())
                .param("fence", fence)
                .param("retryable", failure.retryable() || failure.released())
                .param("free", failure.released() ? 1 : 0)
                .param("outcome", failure.released() ? "released" : "failed")
                .param("reason", failure.reason())
                .param("backoff", properties.backoff().toMillis() / 1_000.0)
                .param("now", Timestamp.from(clock.instant()))
                .query(rows::read)
                .optional()
                .orElseThrow(() -> lost(holder));
        ended(job, failure.released() ? "released" : "failed", failure.reason());
        return job.state();
    }

    /** A service that was away for longer than a lease heard no heartbeat: nobody loses a job for that. */
    @EventListener(ApplicationReadyEvent.class)
    void forgiveSilence() {
        Instant now = clock.instant();
        jdbc.sql(FORGIVE)
                .param("until", Timestamp.from(now.plus(properties.lease())))
                .update();
    }

    /** Takes jobs from workers that have been silent for longer than their lease. @return how many */
    @Scheduled(fixedDelayString = "${platform.jobs.sweep:5s}")
    @Transactional
    public int sweep() {
        String reason = "no heartbeat within the lease of " + properties.lease().toSeconds() + " s";
        List<Job> lost = jdbc.sql(SWEEP)
                .param("now", Timestamp.from(clock.instant()))
                .param("reason", reason)
                .query(rows::read)
                .list();
        lost.forEach(job -> ended(job, "lost", reason));
        return lost.size();
    }

    void ended(Job job, String outcome, String reason) {
        events.state(job.number(), job.state(), reason);
        meters.counter("platform.jobs.attempts", "outcome", outcome).increment();
    }

    /** Says what became of the job, so that the worker can tell a cancelled one from one that it lost. */
    PlatformException lost(Holder holder) {
        return jdbc.sql(WHY_NOT)
                .param("claim", holder.claim())
                .param("tenant", holder.tenant())
                .query(String.class)
                .optional()
                .map(state -> new PlatformException(
                        ProblemType.LEASE_LOST,
                        "The claim does not hold any more; the job is " + state,
                        Map.of("state", state)))
                .orElseGet(() -> new PlatformException(ProblemType.NOT_FOUND, "There is no such claim"));
    }
}
