package io.logicdistillation.inference.escalations;

import io.logicdistillation.languagemodel.Failure;
import java.util.Locale;

/** What came of asking the teacher. */
public enum Outcome {
    /** It chose a function. */
    ANSWERED,
    /** It found that no function fits. */
    NOTHING_FITS,
    /** No API is configured. */
    NOT_CONFIGURED,
    /** The task's redactions leave nothing of the view that a teacher might be shown. */
    WITHHELD,
    /** The task's tokens or money for the day are used up. */
    OVER_BUDGET,
    /** Too many questions are being asked already. */
    BUSY,
    /** It failed so often lately that it is left alone for a while. */
    RESTING,
    /** No answer in time. */
    TIMED_OUT,
    /** No connection, or one that broke. */
    UNREACHABLE,
    /** It said that it can not answer now: 429 or 5xx. */
    OVERLOADED,
    /** It did not take the request: a wrong key, an unknown model. */
    REJECTED,
    /** The model would not answer. */
    REFUSED,
    /** The answer stopped before its end. */
    TRUNCATED,
    /** The answer is none of those that it could give. */
    GARBLED;

    /** As it stands in answers and metrics. */
    public String slug() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    static Outcome of(Failure failure) {
        return switch (failure) {
            case BUSY -> BUSY;
            case RESTING -> RESTING;
            case TIMED_OUT -> TIMED_OUT;
            case UNREACHABLE -> UNREACHABLE;
            case OVERLOADED -> OVERLOADED;
            case REJECTED, TOO_LONG -> REJECTED;
            case GARBLED -> GARBLED;
        };
    }
}
