package io.logicdistillation.distillation.students;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How long a student takes to choose, on a machine that serves, beside the student that served then.
 *
 * @param serving the student beside it; absent if none served, or itself
 * @param dataset whose held-out rows both read
 * @param snapshot whose rules and instructions they read
 * @param machine of the replica that took the time
 * @param stages in the order of their names
 */
record Timing(
        String id,
        String student,
        @Nullable String serving,
        String dataset,
        String snapshot,
        String machine,
        List<Stage> stages,
        String measuredBy,
        Instant measuredAt) {
    Timing {
        stages = List.copyOf(stages);
    }

    /**
     * @param rows that all have read
     * @param ratio the median of the student's time over the other's on the same row; absent of fewer than six rows
     */
    record Stage(
            String stage, int rows, Took student, @Nullable Took serving, Reward.@Nullable Estimate ratio) {}

    /**
     * What one of them took, in milliseconds: prompt to scores, without the search for candidates, the functions and the waiting.
     *
     * @param way recall, reading, or both of them where some candidates are new to it
     * @param engine in-process, or the name of a remote one
     * @param low lower end of the median's 95% interval; absent of fewer than six rows, as {@code high}
     * @param p99Ms of fewer than a hundred rows the longest
     */
    record Took(
            String way,
            String engine,
            double p50Ms,
            @Nullable Double low,
            @Nullable Double high,
            double p99Ms) {}
}
