package io.logicdistillation.inference.engine;

import java.time.Duration;
import java.util.function.Supplier;

/** Scores candidates with one student. Thread-safe; in this process calls run one after the other, first come first served. */
public interface StudentEngine {
    /**
     * Probabilities over the candidates and "none". Bit-equal under any order of the entries.
     *
     * @throws EngineException with a kind that says whose fault it is
     */
    Scores score(ScoringRequest request);

    /**
     * The same engine, which gives up when there is no more time: one in this process is never worth giving up.
     *
     * @param left asked before every exchange
     */
    default StudentEngine within(Supplier<Duration> left) {
        return this;
    }

    /** The same engine, which computes even the scores that it remembers: for who takes the time of it. */
    default StudentEngine anew() {
        return this;
    }

    /** Whether the student's own weights judge, here or elsewhere: a decision model of another maker was calibrated by its maker. */
    default boolean isTheStudent() {
        return true;
    }

    /** Whether this entry is to be recalled: the student prefers recall, and knows the entry from its training. */
    boolean recalls(String stage, Entry entry);

    /** Whether recall could score this handle: it is one token of the student's vocabulary after a space. */
    boolean isSingleToken(String handle);
}
