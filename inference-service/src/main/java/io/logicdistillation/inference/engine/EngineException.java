package io.logicdistillation.inference.engine;

import org.jspecify.annotations.Nullable;

/** A student cannot be loaded or cannot answer; the kind says why, so that callers never parse a message. */
public final class EngineException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final Kind kind;

    public EngineException(Kind kind, String message) {
        this(kind, message, null);
    }

    public EngineException(Kind kind, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.kind = kind;
    }

    public Kind kind() {
        return kind;
    }

    public enum Kind {
        /** The base model's file is missing, damaged, or not the one that the student was trained on. */
        BASE_MODEL,
        /** The student's package is incomplete, damaged or contradicts itself. */
        STUDENT_PACKAGE,
        /** The request cannot be scored as it stands: no candidates, a shared handle, a handle that recall cannot score. */
        INVALID_REQUEST,
        /** Prefix, view and entries together are longer than the model's context. */
        TOO_LONG,
        /** The model answered with something that is no number. */
        NOT_A_NUMBER,
        /** An engine outside of this process gave no answer, and none here may answer in its place. */
        REMOTE,
        /** The student was unloaded. */
        CLOSED,
        /** The inference library failed. */
        RUNTIME
    }
}
