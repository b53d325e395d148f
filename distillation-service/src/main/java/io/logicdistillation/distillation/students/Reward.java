package io.logicdistillation.distillation.students;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What a student gets in an environment, over the episodes that were reported of it.
 *
 * @param version the newest that was reported of the student; episodes of others do not count
 * @param reward mean of all episodes
 * @param low lower end of the mean's 95% interval; absent of fewer than three episodes, as {@code high}
 * @param teacher how that is to the teacher's; absent if no episode of the teacher has a seed of the student's
 * @param serving how that is to the student's that serves; absent likewise
 * @param reportedAt when the last episode was
 */
record Reward(
        String environment,
        String version,
        long episodes,
        double reward,
        @Nullable Double low,
        @Nullable Double high,
        @Nullable Beside teacher,
        @Nullable Beside serving,
        Instant reportedAt) {
    /**
     * How two did in the same episodes.
     *
     * @param episodes that both have played
     * @param reward the student's mean in them
     * @param other that of the one beside it
     * @param difference the one less the other with its 95% interval, by pairs of episodes; absent of fewer than three
     * @param share the one over the other likewise; absent too where the other's mean is not above nought beyond chance
     */
    record Beside(
            long episodes,
            double reward,
            double other,
            @Nullable Estimate difference,
            @Nullable Estimate share) {}

    /** A figure with the ends of its 95% interval. */
    record Estimate(double value, double low, double high) {
        static Estimate of(Proportions.Interval interval) {
            return new Estimate(rounded(interval.middle()), rounded(interval.low()), rounded(interval.high()));
        }
    }

    static double rounded(double value) {
        return Math.round(value * 1e4) / 1e4;
    }
}
