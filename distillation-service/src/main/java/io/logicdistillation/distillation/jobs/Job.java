package io.logicdistillation.distillation.jobs;

import com.fasterxml.jackson.annotation.JsonIgnore;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A job as clients see it.
 *
 * @param number its row; not for clients
 * @param progress what its worker said last
 * @param eta when the training steps will be done
 * @param student the id of what came out
 * @param reason why it failed, or why the last attempt did
 * @param attempts each claim and how it ended; absent in lists
 */
public record Job(
        @JsonIgnore long number,
        @JsonIgnore String tenant,
        String id,
        JobState state,
        JobSpec spec,
        int tries,
        @Nullable Progress progress,
        @Nullable Instant eta,
        @Nullable String student,
        @Nullable String reason,
        String submittedBy,
        Instant createdAt,
        @Nullable Instant startedAt,
        @Nullable Instant finishedAt,
        @Nullable List<Attempt> attempts) {
    /**
     * One claim.
     *
     * @param number counts the job's claims, and is the fencing token of this one
     * @param outcome running, completed, failed, lost, released or cancelled
     */
    public record Attempt(
            long number,
            String worker,
            Instant startedAt,
            @Nullable Instant endedAt,
            String outcome,
            @Nullable String reason) {}

    Job with(List<Attempt> found) {
        return new Job(
                number,
                tenant,
                id,
                state,
                spec,
                tries,
                progress,
                eta,
                student,
                reason,
                submittedBy,
                createdAt,
                startedAt,
                finishedAt,
                List.copyOf(found));
    }
}
