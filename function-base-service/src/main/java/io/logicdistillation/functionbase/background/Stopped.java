package io.logicdistillation.functionbase.background;

import org.jspecify.annotations.Nullable;

/** A piece of work does not go on: it was cancelled or taken over (no cause), or it has failed. */
public final class Stopped extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final @Nullable String cause;

    /** It is another's now. */
    public Stopped() {
        super("cancelled or taken over", null, false, false);
        this.cause = null;
    }

    /** @param cause stable word for programs */
    public Stopped(String cause, String message) {
        super(message, null, false, false);
        this.cause = cause;
    }

    /** Null where it is no failure. */
    public @Nullable String slug() {
        return cause;
    }
}
