package io.logicdistillation.functionbase.sandbox;

import java.time.Duration;

/** What came of running a function or a view. */
public sealed interface Outcome {
    /** @param value what it gave: maps, lists, texts, numbers, booleans */
    record Gave(Object value, Duration took) implements Outcome {}

    /**
     * @param cause stable word for programs, such as {@code timeout}
     * @param message one sentence for people
     */
    record Failed(String cause, String message) implements Outcome {}
}
