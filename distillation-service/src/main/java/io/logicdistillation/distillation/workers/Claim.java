package io.logicdistillation.distillation.workers;

import io.logicdistillation.distillation.jobs.JobSpec;
import java.time.Instant;
import java.util.List;

/**
 * A job in a worker's hands.
 *
 * @param id names the claim in every later call
 * @param fencingToken goes with every call that changes something; a higher one exists as soon as another worker has the job
 * @param leaseUntil when the job goes to another worker, unless a heartbeat comes before
 * @param attempt counts the tries since the job was queued by a person
 * @param checkpoints newest first
 */
record Claim(
        String id,
        long fencingToken,
        Instant leaseUntil,
        long leaseSeconds,
        String job,
        int attempt,
        JobSpec spec,
        List<Checkpoint> checkpoints) {
    /** Where an earlier attempt had come to. */
    record Checkpoint(int step, String sha256, long bytes) {}
}
