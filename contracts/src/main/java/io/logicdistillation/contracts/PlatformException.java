package io.logicdistillation.contracts;

import java.util.Map;

/**
 * A failure that the caller should see as a problem detail. The message is written for the caller: what is wrong and what to
 * do about it, never internals.
 */
public final class PlatformException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final ProblemType type;
    private final transient Map<String, Object> extensions;

    public PlatformException(ProblemType type, String detail) {
        this(type, detail, Map.of());
    }

    /** @param extensions further members of the problem detail (RFC 9457, section 3.2), for example {@code pointer} */
    public PlatformException(ProblemType type, String detail, Map<String, Object> extensions) {
        super(detail);
        this.type = type;
        this.extensions = Map.copyOf(extensions);
    }

    public PlatformException(ProblemType type, String detail, Throwable cause) {
        super(detail, cause);
        this.type = type;
        this.extensions = Map.of();
    }

    public ProblemType type() {
        return type;
    }

    public Map<String, Object> extensions() {
        return extensions == null ? Map.of() : extensions;
    }
}
