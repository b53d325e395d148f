package io.logicdistillation.inference.decisions;

import io.logicdistillation.contracts.Decision;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Where a decision's time went, summed over its stages. For one thread. */
final class Steps {
    private final long startedAt = System.nanoTime();
    private final Map<Step, Long> nanos = new EnumMap<>(Step.class);

    /** What a decision spends time on; waiting for the model's turn is none of them and shows in the total alone. */
    enum Step {
        /** Finding candidates. */
        RETRIEVE,
        /** The student reading the prompt. */
        PREFILL,
        /** The sandbox: views and functions. */
        EXECUTE,
        /** Asking the teacher; not among the answer's timings, but in their total. */
        ESCALATE,
        /** Reading an episode's last decisions, where a task remembers them, and writing the log. */
        LOG
    }

    <T extends @Nullable Object> T time(Step step, Supplier<T> work) {
        long start = System.nanoTime();
        try {
            return work.get();
        } finally {
            add(step, Duration.ofNanos(System.nanoTime() - start));
        }
    }

    void add(Step step, Duration time) {
        nanos.merge(step, time.toNanos(), Long::sum);
    }

    Decision.Timings timings() {
        return new Decision.Timings(
                millis(Step.RETRIEVE),
                millis(Step.PREFILL),
                millis(Step.EXECUTE),
                millis(Step.LOG),
                rounded(System.nanoTime() - startedAt));
    }

    private double millis(Step step) {
        return rounded(nanos.getOrDefault(step, 0L));
    }

    private static double rounded(long nanos) {
        return Math.round(nanos / 1_000.0) / 1_000.0;
    }

    void record(MeterRegistry meters) {
        nanos.forEach((step, time) ->
                timer(meters, step.name().toLowerCase(Locale.ROOT)).record(Duration.ofNanos(time)));
        timer(meters, "total").record(Duration.ofNanos(System.nanoTime() - startedAt));
    }

    private static Timer timer(MeterRegistry meters, String step) {
        return Timer.builder("decision.step")
                .description("Time of a decision by step")
                .tag("step", step)
                .publishPercentileHistogram()
                .register(meters);
    }
}
