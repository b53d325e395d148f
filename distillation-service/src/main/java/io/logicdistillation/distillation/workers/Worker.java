package io.logicdistillation.distillation.workers;

import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.contracts.ProblemType;
import java.util.List;
import java.util.UUID;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a worker says of itself when it asks for a job.
 *
 * @param worker its name, for people
 * @param bases names of the base models that it has
 * @param methods that it can train by; jobs of others are not for it
 * @param gpu absent if it has none
 * @param sweeps whether it can run a sweep; not if absent
 * @param adaptations in which ways it can train: {@code lora}, {@code qlora}, {@code full}; lora alone if absent
 * @param job the only one that it is there for, with {@code run}; any if absent
 * @param run the fencing token that its claim must have
 */
record Worker(
        String worker,
        List<String> bases,
        List<String> methods,
        @Nullable Gpu gpu,
        @Nullable Boolean sweeps,
        @Nullable List<String> adaptations,
        @Nullable UUID job,
        @Nullable Long run) {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._@:-]{0,99}");
    private static final List<String> USUAL = List.of("lora");
    private static final int MOST = 100;

    /**
     * Devices of one kind.
     *
     * @param memoryMb of each
     * @param count one if absent
     */
    record Gpu(String type, int memoryMb, @Nullable Integer count) {
        Gpu {
            count = count == null ? 1 : count;
            requireThat(type != null && !type.isBlank() && memoryMb > 0 && count > 0, "gpu needs type and memoryMb");
        }

        int devices() {
            return count == null ? 1 : count;
        }
    }

    Worker {
        requireThat(
                worker != null && NAME.matcher(worker).matches(), "worker must be a name of at most 100 characters");
        requireThat(bases != null && bases.size() <= MOST, "bases must name the base models of the worker");
        requireThat(methods != null && methods.size() <= MOST, "methods must name what the worker can train by");
        requireThat(
                adaptations == null || adaptations.size() <= MOST, "adaptations must name how the worker can train");
        requireThat((job == null) == (run == null) && (run == null || run > 0), "job and run go together");
        bases = List.copyOf(bases);
        methods = List.copyOf(methods);
        adaptations = adaptations == null ? USUAL : List.copyOf(adaptations);
    }

    /** Those that it named, or what every worker can do. */
    List<String> ways() {
        return adaptations == null ? USUAL : adaptations;
    }

    private static void requireThat(boolean condition, String otherwise) {
        if (!condition) {
            throw new PlatformException(ProblemType.INVALID_REQUEST, otherwise);
        }
    }
}
