package io.logicdistillation.distillation.jobs;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a worker said last.
 *
 * @param seconds spent on the steps so far
 * @param metrics loss, agreement, tokensPerSecond and the like
 */
public record Progress(int step, int steps, double seconds, Map<String, Double> metrics, Instant at) {
    public Progress {
        metrics = Map.copyOf(metrics);
    }

    /** When the steps will be done at the speed so far; null before the first. */
    @Nullable
    Instant eta() {
        return step < 1 ? null : at.plus(Duration.ofMillis((long) (seconds / step * (steps - step) * 1_000)));
    }
}
