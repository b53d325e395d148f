package io.logicdistillation.distillation.workers;

import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.contracts.ProblemType;
import io.logicdistillation.distillation.jobs.Job;
import io.logicdistillation.distillation.students.ArtifactStore;
import java.io.InputStream;
import java.sql.Timestamp;
import java.time.Clock;
import java.util.List;
import org.springframework.core.io.Resource;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;

/**
 * Where attempts had come to. Each job has a store of its own, so that old checkpoints can be removed without asking who else
 * might have the same bytes. The newest ones are kept: a damaged one is refused by its hash, and the one before it used.
 */
@Component
class Checkpoints {
    private static final int KEPT = 2;
    private static final String OWNS = """
            SELECT j.number
            FROM jobs j JOIN job_attempts a ON a.job = j.number AND a.fence = j.fence
            WHERE a.claim = :claim AND j.fence = :fence AND j.state = 'running'
            FOR UPDATE OF j
            """;
    private static final String SAVE = """
            INSERT INTO job_checkpoints (job, step, sha256, bytes, fence, saved_at)
            VALUES (:job, :step, :sha256, :bytes, :fence, :now)
            ON CONFLICT (job, step) DO UPDATE
            SET sha256 = excluded.sha256, bytes = excluded.bytes, fence = excluded.fence, saved_at = excluded.saved_at
            """;
    private static final String TRIM = """
            DELETE FROM job_checkpoints
            WHERE job = :job AND step < (SELECT min(step) FROM (SELECT step FROM job_checkpoints WHERE job = :job
                                                                ORDER BY step DESC LIMIT :kept) newest)
            RETURNING sha256
            """;
    private static final String HAS = "SELECT count(*) FROM job_checkpoints WHERE job = :job AND sha256 = :sha256";

    private final JdbcClient jdbc;
    private final Leases leases;
    private final ArtifactStore artifacts;
    private final Clock clock;

    Checkpoints(JdbcClient jdbc, Leases leases, ArtifactStore artifacts, Clock clock) {
        this.jdbc = jdbc;
        this.leases = leases;
        this.artifacts = artifacts;
        this.clock = clock;
    }

    /** What a worker says of the bytes that it sends. */
    record Described(int step, String sha256, long bytes) {}

    /** Takes the bytes in. @throws PlatformException {@link ProblemType#INVALID_REQUEST} if they are not those of the hash */
    void store(Job job, String expected, InputStream body) {
        ArtifactStore store = store(job);
        String found = store.put(body);
        if (!found.equals(expected)) {
            store.remove(found);
            throw new PlatformException(
                    ProblemType.INVALID_REQUEST, "The checkpoint does not have the SHA-256 that the request says");
        }
    }

    /**
     * Names what was stored, if the claim still holds.
     *
     * @return hashes that nothing names any more
     * @throws PlatformException {@link ProblemType#LEASE_LOST}
     */
    @Transactional
    public List<String> name(Leases.Holder holder, long fence, Described described) {
        long job = jdbc.sql(OWNS)
                .param("claim", holder.claim())
                .param("fence", fence)
                .query(Long.class)
                .optional()
                .orElseThrow(() -> leases.lost(holder));
        jdbc.sql(SAVE)
                .param("job", job)
                .param("step", described.step())
                .param("sha256", described.sha256())
                .param("bytes", described.bytes())
                .param("fence", fence)
                .param("now", Timestamp.from(clock.instant()))
                .update();
        return jdbc.sql(TRIM)
                .param("job", job)
                .param("kept", KEPT)
                .query((row, index) -> row.getString("sha256"))
                .list();
    }

    void remove(Job job, List<String> hashes) {
        ArtifactStore store = store(job);
        hashes.stream().filter(sha256 -> !has(job, sha256)).forEach(store::remove);
    }

    /** The bytes, checked. @throws PlatformException {@link ProblemType#NOT_FOUND}, or what the store says of damaged ones */
    Resource file(Job job, String sha256) {
        if (!has(job, sha256)) {
            throw new PlatformException(ProblemType.NOT_FOUND, "The job has no such checkpoint");
        }
        return store(job).verified(sha256);
    }

    /** A job that has its student needs none of them; what can not be removed is left. */
    void discard(Job job) {
        store(job).removeAll();
    }

    private boolean has(Job job, String sha256) {
        return jdbc.sql(HAS)
                        .param("job", job.number())
                        .param("sha256", sha256)
                        .query(Integer.class)
                        .single()
                > 0;
    }

    private ArtifactStore store(Job job) {
        return artifacts.ofJob(job.id());
    }
}
