package io.logicdistillation.functionbase.embedding;

/** Turns a text into a vector whose angle to another text's says how alike they are in meaning. Implementations are thread-safe. */
@FunctionalInterface
public interface Embedder {
    /** The length of every vector; the database's column has the same. */
    int DIMENSIONS = 384;

    /** A vector of length 1 with {@link #DIMENSIONS} elements. */
    float[] embed(String text);
}
