package io.logicdistillation.inference.engine;

/** How the student sees the candidates; either is one prefill, nothing is decoded. */
public enum Way {
    /** Entries first, from cached keys and values; the state last; scored by one-token handles. For entries known from training. */
    RECALL,
    /** State first, every entry judged in a block of its own ("Fits now:"); works for entries never seen. */
    READING
}
