package io.logicdistillation.distillation.workers;

import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.contracts.ProblemType;
import io.logicdistillation.contracts.Student;
import io.logicdistillation.distillation.jobs.Job;
import io.logicdistillation.distillation.jobs.JobRows;
import io.logicdistillation.distillation.students.Students;
import java.sql.Timestamp;
import java.time.Clock;
import java.util.Optional;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;

/** The one effect of a job: its student's row and its own last state, in one transaction that the fencing token guards. */
@Component
class Completions {
    private static final String COMPLETE = """
            WITH completed AS (
                UPDATE jobs j
                SET state = 'completed', student = :student, finished_at = :now, lease_until = NULL, reason = NULL
                FROM job_attempts a
                WHERE a.claim = :claim AND a.job = j.number AND a.fence = j.fence AND j.fence = :fence
                  AND j.state = 'running' AND (:tenant = '*' OR j.tenant = :tenant)
                RETURNING j.*),
            ended AS (
                UPDATE job_attempts a SET outcome = 'completed', ended_at = :now FROM completed WHERE a.claim = :claim)
            SELECT * FROM completed
            """;
    private static final String COMPLETED = """
            SELECT j.*
            FROM jobs j JOIN job_attempts a ON a.job = j.number
            WHERE a.claim = :claim AND a.outcome = 'completed' AND j.student = :student
              AND (:tenant = '*' OR j.tenant = :tenant)
            """;

    private final JdbcClient jdbc;
    private final JobRows rows;
    private final Leases leases;
    private final Students students;
    private final Clock clock;

    Completions(JdbcClient jdbc, JobRows rows, Leases leases, Students students, Clock clock) {
        this.jdbc = jdbc;
        this.rows = rows;
        this.leases = leases;
        this.students = students;
        this.clock = clock;
    }

    /**
     * Whether this very completion has been taken before: an answer that did not arrive is asked for again.
     *
     * @return the job, if so
     */
    Optional<Job> before(Leases.Holder holder, Student student) {
        return jdbc.sql(COMPLETED)
                .param("claim", holder.claim())
                .param("tenant", holder.tenant())
                .param("student", student.id())
                .query(rows::read)
                .optional();
    }

    /**
     * The student is registered first, because the job's row refers to it; if the job is not the worker's, both are rolled back.
     *
     * @param held the job as it was found before the upload was checked
     * @throws PlatformException {@link ProblemType#LEASE_LOST} if the fencing token is not the newest or the job does not run, or
     *     {@link ProblemType#INVALID_REQUEST} if it is not the student that the job is about
     */
    @Transactional
    public Job complete(Leases.Holder holder, long fence, Job held, Students.Prepared prepared) {
        Student student = prepared.student();
        requireOrdered(held, student);
        students.register(held.tenant(), "job " + held.id(), prepared);
        Job job = jdbc.sql(COMPLETE)
                .param("claim", holder.claim())
                .param("tenant", holder.tenant())
                .param("fence", fence)
                .param("student", student.id())
                .param("now", Timestamp.from(clock.instant()))
                .query(rows::read)
                .optional()
                .orElseThrow(() -> leases.lost(holder));
        leases.ended(job, "completed", "student " + student.id());
        return job;
    }

    private static void requireOrdered(Job job, Student student) {
        boolean ordered = student.name().equals(job.spec().name())
                && student.task().equals(job.spec().task().name())
                && student.method().equalsIgnoreCase(job.spec().method().name());
        if (!ordered) {
            throw new PlatformException(
                    ProblemType.INVALID_REQUEST, "The manifest's name, task or method is not the job's");
        }
    }
}
