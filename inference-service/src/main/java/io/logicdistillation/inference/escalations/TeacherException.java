package io.logicdistillation.inference.escalations;

/** The teacher gave no choice. */
final class TeacherException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final Outcome outcome;

    TeacherException(Outcome outcome, String detail, Throwable cause) {
        super(detail, cause);
        this.outcome = outcome;
    }

    TeacherException(Outcome outcome, String detail) {
        super(detail);
        this.outcome = outcome;
    }

    Outcome outcome() {
        return outcome;
    }
}
