package io.logicdistillation.languagemodel;

import java.util.Locale;

/** Why there is no answer. */
public enum Failure {
    /** Too many questions are being asked already. */
    BUSY,
    /** The API failed so often lately that it is left alone for a while. */
    RESTING,
    /** No answer in time. */
    TIMED_OUT,
    /** No connection, or one that broke. */
    UNREACHABLE,
    /** The API said that it can not answer now: 429 or 5xx. */
    OVERLOADED,
    /** The API did not take the request: a wrong key, an unknown model. */
    REJECTED,
    /** The API said that the text is longer than its model reads. */
    TOO_LONG,
    /** What came is not what the API promises. */
    GARBLED;

    /** As it stands in answers and metrics. */
    public String slug() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** Whether another attempt at once may fare better. */
    public boolean mayPass() {
        return this == UNREACHABLE || this == OVERLOADED || this == TIMED_OUT;
    }

    /** Whether the API may have worked, and charged, for an answer that did not arrive or was of no use. */
    public boolean mayHaveCost() {
        return this == TIMED_OUT || this == GARBLED;
    }
}
