package io.logicdistillation.functionbase.sandbox;

import java.time.Duration;

/** What came of running a function or a view. */
public sealed interface Outcome {
    /** Whether a condition was asked and said yes; what failed has not. */
    default boolean saysYes() {
        return this instanceof Gave(Object value, Duration took) && Boolean.TRUE.equals(value);
    }

    /** @param value what it gave: maps, lists, texts, numbers, booleans */
    record Gave(Object value, Duration took) implements Outcome {}

    /**
     * @param cause stable word for programs, such as {@code timeout}
     * @param message one sentence for people
     */
    record Failed(String cause, String message) implements Outcome {}
}
