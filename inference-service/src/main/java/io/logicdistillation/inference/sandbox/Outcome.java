package io.logicdistillation.inference.sandbox;

/** How a function of a snapshot ended. */
public sealed interface Outcome {
    /** It returned what its stage asks for; {@code output} is plain JSON data: maps, lists, strings, numbers, booleans. */
    record Produced(Object output) implements Outcome {}

    /** It did not; the cause is one sentence for people and may quote the function. */
    record Failed(String cause) implements Outcome {}
}
