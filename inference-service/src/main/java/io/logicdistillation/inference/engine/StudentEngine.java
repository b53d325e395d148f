package io.logicdistillation.inference.engine;

import java.util.List;

/** Scores candidates with one student. Thread-safe; calls on one student run one after the other, first come first served. */
public interface StudentEngine {
    /**
     * Probabilities over the candidates and "none". Bit-equal under any order of the entries.
     *
     * @throws EngineException with a kind that says whose fault it is
     */
    Scores score(ScoringRequest request);

    /** Recall where the student prefers it and knows every entry from training, else reading. */
    Way wayFor(String stage, List<Entry> entries);

    /** Whether recall could score this handle: it is one token of the student's vocabulary after a space. */
    boolean isSingleToken(String handle);
}
