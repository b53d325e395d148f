package io.logicdistillation.inference.escalations;

import io.github.resilience4j.bulkhead.Bulkhead;
import io.github.resilience4j.bulkhead.BulkheadConfig;
import io.github.resilience4j.bulkhead.BulkheadFullException;
import io.github.resilience4j.circuitbreaker.CallNotPermittedException;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.github.resilience4j.core.IntervalFunction;
import io.github.resilience4j.retry.Retry;
import io.github.resilience4j.retry.RetryConfig;
import io.github.resilience4j.timelimiter.TimeLimiter;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeoutException;

/** Keeps a call of the teacher within bounds: so many at once, so long altogether, tried again where it pays. Thread-safe. */
final class Bounds implements AutoCloseable {
    private static final Duration FIRST_PAUSE = Duration.ofMillis(200);

    private final Bulkhead bulkhead;
    private final CircuitBreaker breaker;
    private final Retry retry;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

    Bounds(EscalationProperties properties) {
        this.bulkhead = Bulkhead.of(
                "teacher",
                BulkheadConfig.custom()
                        .maxConcurrentCalls(properties.concurrent())
                        .maxWaitDuration(Duration.ZERO)
                        .build());
        this.breaker = CircuitBreaker.of(
                "teacher",
                CircuitBreakerConfig.custom()
                        .slidingWindowSize(20)
                        .minimumNumberOfCalls(6)
                        .waitDurationInOpenState(properties.pause())
                        .permittedNumberOfCallsInHalfOpenState(2)
                        .recordException(Bounds::mayPass)
                        .build());
        this.retry = Retry.of(
                "teacher",
                RetryConfig.custom()
                        .maxAttempts(Math.max(1, properties.attempts()))
                        .intervalFunction(IntervalFunction.ofExponentialRandomBackoff(FIRST_PAUSE, 2, 0.5))
                        .retryOnException(Bounds::mayPass)
                        .build());
    }

    private static boolean mayPass(Throwable failure) {
        return failure instanceof TeacherException told && told.outcome().mayPass();
    }

    /** @throws TeacherException for whatever kept the call from its answer */
    <T> T within(Duration longest, Callable<T> call) {
        Callable<T> bounded = Bulkhead.decorateCallable(
                bulkhead, Retry.decorateCallable(retry, CircuitBreaker.decorateCallable(breaker, call)));
        try {
            return TimeLimiter.of(longest).executeFutureSupplier(() -> threads.submit(bounded));
        } catch (TimeoutException late) {
            throw new TeacherException(Outcome.TIMED_OUT, "no answer within the decision's time", late);
        } catch (ExecutionException failure) {
            throw told(failure.getCause() == null ? failure : failure.getCause());
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            throw new TeacherException(Outcome.TIMED_OUT, "stopped", stopped);
        } catch (Exception failure) {
            throw told(failure);
        }
    }

    private static TeacherException told(Throwable failure) {
        return switch (failure) {
            case TeacherException told -> told;
            case BulkheadFullException full -> new TeacherException(Outcome.BUSY, "too many questions at once", full);
            case CallNotPermittedException open -> new TeacherException(Outcome.RESTING, "it failed too often", open);
            default -> new TeacherException(Outcome.UNREACHABLE, "the call failed", failure);
        };
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }
}
