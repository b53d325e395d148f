package io.logicdistillation.inference.upstream;

import org.jspecify.annotations.Nullable;

/** Something that another service owns and that can be asked for again cheaply. */
@FunctionalInterface
public interface Source<K, T> {
    /**
     * Asks once.
     *
     * @param known the answer before, absent at first
     * @param etag of it
     * @throws io.logicdistillation.contracts.PlatformException as the other service refused
     */
    Answer<T> ask(K key, @Nullable T known, @Nullable String etag);

    /** What the other service said. */
    sealed interface Answer<T> {
        /** The known answer still holds. */
        record Unchanged<T>() implements Answer<T> {}

        /** A new answer. */
        record Changed<T>(T value, @Nullable String etag) implements Answer<T> {}
    }
}
