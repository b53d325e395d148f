package io.logicdistillation.inference.engine;

/** Scores candidates with one student. Thread-safe; calls on one student run one after the other, first come first served. */
public interface StudentEngine {
    /**
     * Probabilities over the candidates and "none". Bit-equal under any order of the entries.
     *
     * @throws EngineException with a kind that says whose fault it is
     */
    Scores score(ScoringRequest request);

    /** Whether this entry is to be recalled: the student prefers recall, and knows the entry from its training. */
    boolean recalls(String stage, Entry entry);

    /** Whether recall could score this handle: it is one token of the student's vocabulary after a space. */
    boolean isSingleToken(String handle);
}
