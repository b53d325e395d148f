package io.logicdistillation.languagemodel;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** The L-LLM gave no answer. The message is for the log; it never holds a key or a text of the API. */
public final class ModelException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final Failure failure;
    private final @Nullable Duration retryAfter;

    public ModelException(Failure failure, String detail, @Nullable Throwable cause) {
        this(failure, detail, cause, null);
    }

    /** @param retryAfter for how long the API asked to be left alone */
    public ModelException(Failure failure, String detail, @Nullable Throwable cause, @Nullable Duration retryAfter) {
        super(detail, cause);
        this.failure = failure;
        this.retryAfter = retryAfter;
    }

    public Failure failure() {
        return failure;
    }

    public @Nullable Duration retryAfter() {
        return retryAfter;
    }
}
