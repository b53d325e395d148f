package io.logicdistillation.inference.decisions;

import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.contracts.ProblemType;
import java.time.Duration;

/** Until when a decision is worth making. */
public final class Deadline {
    private final long endsAt;

    private Deadline(long endsAt) {
        this.endsAt = endsAt;
    }

    public static Deadline in(Duration time) {
        return new Deadline(System.nanoTime() + time.toNanos());
    }

    /** Never negative. */
    public Duration remaining() {
        return Duration.ofNanos(Math.max(0, endsAt - System.nanoTime()));
    }

    /** @throws PlatformException {@link ProblemType#UPSTREAM_TIMEOUT} if it has passed */
    public void check(String doing) {
        if (remaining().isZero()) {
            throw new PlatformException(ProblemType.UPSTREAM_TIMEOUT, "The decision's deadline passed while " + doing);
        }
    }
}
