package io.logicdistillation.distillation.jobs;

import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.contracts.ProblemType;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.EnumNamingStrategies;
import tools.jackson.databind.annotation.EnumNaming;

/**
 * What a worker said last.
 *
 * @param steps of a sweep, as many as there will be if no further trial is ended early
 * @param seconds spent on the steps so far
 * @param metrics loss, agreement, tokensPerSecond and the like; in a sweep, of the trial that runs
 * @param trials of a sweep, each with how far it has come
 */
public record Progress(
        int step,
        int steps,
        double seconds,
        Map<String, Double> metrics,
        Instant at,
        @Nullable List<Trial> trials) {
    private static final int MOST_TRIALS = 16;
    private static final int LONGEST_REASON = 300;

    /** Where a trial stands. */
    @EnumNaming(EnumNamingStrategies.KebabCaseStrategy.class)
    public enum TrialState {
        WAITING,
        RUNNING,
        /** Went all its steps, or was good enough before. */
        FINISHED,
        /** Ended because it was among the worse half. */
        STOPPED,
        FAILED,
        /** Never begun, because one before it was good enough. */
        SKIPPED,
        /** Finished, and the student. */
        WON
    }

    /**
     * A run of a sweep.
     *
     * @param number from 1
     * @param hyperparameters those that the sweep varies
     * @param step of its own steps
     * @param agreement the best so far on held-out rows
     */
    public record Trial(
            Integer number,
            Map<String, Double> hyperparameters,
            TrialState state,
            Integer step,
            @Nullable Double agreement,
            @Nullable String reason) {
        public Trial {
            requireThat(
                    number != null && hyperparameters != null && state != null && step != null,
                    "a trial has number, hyperparameters, state and step");
            hyperparameters = Map.copyOf(hyperparameters);
            requireThat(hyperparameters.size() <= MOST_TRIALS, "a trial has too many hyperparameters");
            reason = reason == null || reason.length() <= LONGEST_REASON ? reason : reason.substring(0, LONGEST_REASON);
        }
    }

    public Progress {
        metrics = Map.copyOf(metrics);
        trials = trials == null ? null : List.copyOf(trials);
        requireThat(trials == null || trials.size() <= MOST_TRIALS, "trials must be at most " + MOST_TRIALS);
    }

    private static void requireThat(boolean condition, String otherwise) {
        if (!condition) {
            throw new PlatformException(ProblemType.INVALID_REQUEST, otherwise);
        }
    }

    /** When the steps will be done at the speed so far; null before the first. */
    @Nullable
    Instant eta() {
        return step < 1 ? null : at.plus(Duration.ofMillis((long) (seconds / step * (steps - step) * 1_000)));
    }
}
