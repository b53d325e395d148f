package io.logicdistillation.inference.admission;

import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.contracts.ProblemType;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** How much of the room a request may still find taken. */
enum Priority {
    /** Somebody waits for it. */
    HIGH(1),
    NORMAL(0.9),
    /** Nobody minds if it comes later: batches, unless they say otherwise. */
    LOW(0.5);

    private final double share;

    Priority(double share) {
        this.share = share;
    }

    /** Of a limit, at least one. */
    int room(int limit) {
        return Math.max(1, (int) Math.floor(limit * share));
    }

    /** @throws PlatformException {@link ProblemType#INVALID_REQUEST} */
    static Priority of(@Nullable String header, Priority otherwise) {
        if (header == null) {
            return otherwise;
        }
        for (Priority each : values()) {
            if (each.name().toLowerCase(Locale.ROOT).equals(header)) {
                return each;
            }
        }
        throw new PlatformException(ProblemType.INVALID_REQUEST, "X-Priority must be high, normal or low");
    }
}
