package io.logicdistillation.functionbase.generation;

import org.jspecify.annotations.Nullable;

/** A generation does not go on: it was cancelled or taken over (no cause), or it has failed. */
final class Stopped extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final @Nullable String cause;

    /** It is another's now. */
    Stopped() {
        super("cancelled or taken over", null, false, false);
        this.cause = null;
    }

    /** @param cause stable word for programs */
    Stopped(String cause, String message) {
        super(message, null, false, false);
        this.cause = cause;
    }

    /** Null where it is no failure. */
    @Nullable
    String slug() {
        return cause;
    }
}
