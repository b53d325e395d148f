package io.logicdistillation.languagemodel;

import io.github.resilience4j.bulkhead.Bulkhead;
import io.github.resilience4j.bulkhead.BulkheadConfig;
import io.github.resilience4j.bulkhead.BulkheadFullException;
import io.github.resilience4j.circuitbreaker.CallNotPermittedException;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.github.resilience4j.core.IntervalFunction;
import io.github.resilience4j.ratelimiter.RateLimiter;
import io.github.resilience4j.ratelimiter.RateLimiterConfig;
import io.github.resilience4j.ratelimiter.RequestNotPermitted;
import io.github.resilience4j.retry.Retry;
import io.github.resilience4j.retry.RetryConfig;
import io.github.resilience4j.timelimiter.TimeLimiter;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeoutException;

/**
 * Keeps calls of an L-LLM within bounds: so many at once and in a minute, so long altogether, tried again where it pays and not
 * before the API wants to be asked again. Thread-safe.
 */
public final class CallBounds implements AutoCloseable {
    private static final Duration FIRST_PAUSE = Duration.ofMillis(200);

    private final Bulkhead bulkhead;
    private final CircuitBreaker breaker;
    private final RateLimiter rate;
    private final Retry retry;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

    /**
     * @param concurrent calls at once
     * @param attempts at most, the first one included
     * @param pause for which an API that failed too often is left alone
     * @param perMinute attempts at most
     * @param patience for which a call waits for its turn before it is refused as busy
     * @param longestWait for which the API may ask to be left alone before the next attempt; where it asks for more there is none
     * @param againAfterTimeout whether an attempt that took too long, and so may have cost something, is made again
     */
    public record Settings(
            int concurrent,
            int attempts,
            Duration pause,
            int perMinute,
            Duration patience,
            Duration longestWait,
            boolean againAfterTimeout) {
        private boolean tries(Throwable failure) {
            return mayPass(failure)
                    && (againAfterTimeout || !isTimeout(failure))
                    && asked(failure) <= longestWait.toMillis();
        }
    }

    public CallBounds(String name, Settings settings) {
        this.bulkhead = Bulkhead.of(
                name,
                BulkheadConfig.custom()
                        .maxConcurrentCalls(settings.concurrent())
                        .maxWaitDuration(settings.patience())
                        .build());
        this.breaker = CircuitBreaker.of(
                name,
                CircuitBreakerConfig.custom()
                        .slidingWindowSize(20)
                        .minimumNumberOfCalls(6)
                        .waitDurationInOpenState(settings.pause())
                        .permittedNumberOfCallsInHalfOpenState(2)
                        .recordException(CallBounds::mayPass)
                        .build());
        this.rate = RateLimiter.of(
                name,
                RateLimiterConfig.custom()
                        .limitForPeriod(settings.perMinute())
                        .limitRefreshPeriod(Duration.ofMinutes(1))
                        .timeoutDuration(settings.patience())
                        .build());
        IntervalFunction backoff = IntervalFunction.ofExponentialRandomBackoff(FIRST_PAUSE, 2, 0.5);
        this.retry = Retry.of(
                name,
                RetryConfig.custom()
                        .maxAttempts(Math.max(1, settings.attempts()))
                        .intervalBiFunction((attempt, end) ->
                                Math.max(backoff.apply(attempt), end.isLeft() ? asked(end.getLeft()) : 0))
                        .retryOnException(settings::tries)
                        .build());
    }

    /** In milliseconds. */
    private static long asked(Throwable end) {
        return end instanceof ModelException failure && failure.retryAfter() != null
                ? failure.retryAfter().toMillis()
                : 0;
    }

    private static boolean mayPass(Throwable failure) {
        return failure instanceof ModelException told && told.failure().mayPass();
    }

    private static boolean isTimeout(Throwable failure) {
        return failure instanceof ModelException told && told.failure() == Failure.TIMED_OUT;
    }

    /** @throws ModelException for whatever kept the call from its answer */
    public <T> T within(Duration longest, Callable<T> call) {
        Callable<T> bounded = Bulkhead.decorateCallable(
                bulkhead,
                Retry.decorateCallable(
                        retry, CircuitBreaker.decorateCallable(breaker, RateLimiter.decorateCallable(rate, call))));
        try {
            return TimeLimiter.of(longest).executeFutureSupplier(() -> threads.submit(bounded));
        } catch (TimeoutException late) {
            throw new ModelException(Failure.TIMED_OUT, "no answer within the time there was", late);
        } catch (ExecutionException failure) {
            throw told(failure.getCause() == null ? failure : failure.getCause());
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            throw new ModelException(Failure.TIMED_OUT, "stopped", stopped);
        } catch (Exception failure) {
            throw told(failure);
        }
    }

    private static ModelException told(Throwable failure) {
        return switch (failure) {
            case ModelException told -> told;
            case BulkheadFullException full -> new ModelException(Failure.BUSY, "too many questions at once", full);
            case RequestNotPermitted full -> new ModelException(Failure.BUSY, "too many questions a minute", full);
            case CallNotPermittedException open -> new ModelException(Failure.RESTING, "it failed too often", open);
            default -> new ModelException(Failure.UNREACHABLE, "the call failed", failure);
        };
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }
}
