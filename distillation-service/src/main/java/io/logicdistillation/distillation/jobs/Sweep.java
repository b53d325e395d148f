package io.logicdistillation.distillation.jobs;

import static io.logicdistillation.distillation.jobs.JobSpec.requireRange;
import static io.logicdistillation.distillation.jobs.JobSpec.requireThat;

import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Other values of some hyperparameters. Combinations of them are trials, which one worker runs one after the other; the
 * best by held-out agreement becomes the student.
 *
 * @param trials how many of the combinations, drawn by the seed; all if absent
 * @param graceSteps that every trial gets before it may be ended for being worse; a quarter of the steps if absent
 */
public record Sweep(
        @Nullable List<Double> learningRate,
        @Nullable List<Integer> rank,
        @Nullable List<Integer> alpha,
        @Nullable List<Double> readingShare,
        @Nullable Integer trials,
        @Nullable Integer graceSteps) {
    private static final int MOST_TRIALS = 16;

    public Sweep {
        learningRate = values("learningRate", learningRate, 1e-8, 1);
        rank = values("rank", rank, 1, 256);
        alpha = values("alpha", alpha, 1, 1_024);
        readingShare = values("readingShare", readingShare, 0, 1);
        int combinations = size(learningRate) * size(rank) * size(alpha) * size(readingShare);
        requireThat(combinations > 1, "sweep must name at least two values of a hyperparameter");
        requireThat(
                trials != null || combinations <= MOST_TRIALS,
                "sweep has " + combinations + " combinations: say in sweep.trials how many of them to try, at most "
                        + MOST_TRIALS);
        trials = trials == null ? combinations : trials;
        requireRange("sweep.trials", trials, 2, Math.min(MOST_TRIALS, combinations));
    }

    /** The same with every default, if it goes with the rest of the job. */
    Sweep within(JobSpec.Hyperparameters how, @Nullable String start) {
        requireThat(
                start == null || rank == null && alpha == null,
                "sweep can not vary rank or alpha of a student that goes on from another");
        requireThat(readingShare == null || how.ways().size() > 1, "sweep.readingShare needs both ways");
        int looks = Math.ceilDiv(how.steps(), how.checkEvery());
        int grace = graceSteps == null ? Math.ceilDiv(looks, 4) * how.checkEvery() : graceSteps;
        requireRange("sweep.graceSteps", grace, 1, 1_000_000);
        requireThat(
                grace % how.checkEvery() == 0,
                "sweep.graceSteps must be a multiple of hyperparameters.checkEvery: trials are compared by their"
                        + " looks at held-out rows");
        return new Sweep(learningRate, rank, alpha, readingShare, trials, grace);
    }

    private static <N extends Number> @Nullable List<N> values(
            String name, @Nullable List<N> given, double least, double most) {
        if (given == null) {
            return null;
        }
        requireThat(
                !given.isEmpty()
                        && given.size() <= MOST_TRIALS
                        && given.stream().noneMatch(Objects::isNull),
                "sweep." + name + " must hold 1 to " + MOST_TRIALS + " values");
        given.forEach(value -> requireRange("sweep." + name, value.doubleValue(), least, most));
        requireThat(new HashSet<>(given).size() == given.size(), "sweep." + name + " names a value twice");
        return List.copyOf(given);
    }

    private static int size(@Nullable List<?> values) {
        return values == null ? 1 : values.size();
    }
}
