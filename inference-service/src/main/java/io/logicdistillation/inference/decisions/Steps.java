package io.logicdistillation.inference.decisions;

import io.logicdistillation.contracts.Decision;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.micrometer.tracing.Span;
import io.micrometer.tracing.Tracer;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Where a decision's time went, summed over its stages; each step is also a span of the request's trace. For one thread.
 */
final class Steps {
    private final Tracer tracer;
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
        LOG;

        private String label() {
            return name().toLowerCase(Locale.ROOT);
        }

        private String span() {
            return "decision " + label();
        }
    }

    Steps(Tracer tracer) {
        this.tracer = tracer;
    }

    /** Steps of something that is no request and has no trace. */
    static Steps untraced() {
        return new Steps(Tracer.NOOP);
    }

    <T extends @Nullable Object> T time(Step step, Supplier<T> work) {
        long start = System.nanoTime();
        Span span = tracer.nextSpan().name(step.span()).start();
        try (Tracer.SpanInScope within = tracer.withSpan(span)) {
            return work.get();
        } catch (RuntimeException failure) {
            span.error(failure);
            throw failure;
        } finally {
            span.end();
            sum(step, System.nanoTime() - start);
        }
    }

    /** A step that has just ended, timed by whoever took it. */
    void add(Step step, Duration time) {
        long now = TimeUnit.MILLISECONDS.toNanos(System.currentTimeMillis());
        tracer.spanBuilder()
                .name(step.span())
                .startTimestamp(now - time.toNanos(), TimeUnit.NANOSECONDS)
                .start()
                .end(now, TimeUnit.NANOSECONDS);
        sum(step, time.toNanos());
    }

    private void sum(Step step, long time) {
        nanos.merge(step, time, Long::sum);
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
        nanos.forEach((step, time) -> timer(meters, step.label()).record(Duration.ofNanos(time)));
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
