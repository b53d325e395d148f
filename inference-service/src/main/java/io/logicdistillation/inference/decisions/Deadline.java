package io.logicdistillation.inference.decisions;

import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.contracts.ProblemType;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Until when a decision is worth making. */
public final class Deadline {
    private final long endsAt;
    private volatile boolean cancelled;

    private Deadline(long endsAt) {
        this.endsAt = endsAt;
    }

    public static Deadline in(Duration time) {
        return new Deadline(System.nanoTime() + time.toNanos());
    }

    /**
     * @param millis as the client asks; {@code longest} when absent
     * @throws PlatformException {@link ProblemType#INVALID_REQUEST} if it is not positive
     */
    static Deadline asked(@Nullable Long millis, Duration longest) {
        if (millis != null && millis < 1) {
            throw new PlatformException(ProblemType.INVALID_REQUEST, "X-Deadline-Ms must be a positive number");
        }
        return in(millis == null || millis > longest.toMillis() ? longest : Duration.ofMillis(millis));
    }

    /** Nobody waits for the decision any more: no time is left from now on, on whichever thread. */
    public void cancel() {
        cancelled = true;
    }

    /** Never negative. */
    public Duration remaining() {
        return cancelled ? Duration.ZERO : Duration.ofNanos(Math.max(0, endsAt - System.nanoTime()));
    }

    /** @throws PlatformException {@link ProblemType#UPSTREAM_TIMEOUT} if it has passed */
    public void check(String doing) {
        if (remaining().isZero()) {
            throw new PlatformException(ProblemType.UPSTREAM_TIMEOUT, "The decision's deadline passed while " + doing);
        }
    }
}
