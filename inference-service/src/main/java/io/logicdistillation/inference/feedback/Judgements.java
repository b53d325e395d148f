package io.logicdistillation.inference.feedback;

import io.micrometer.core.instrument.MeterRegistry;

/**
 * Calibration in operation: how probable the student called its first choices, of those that somebody who knows better has judged
 * since, and how many of them were right. Thread-safe.
 */
public final class Judgements {
    private final MeterRegistry meters;

    public Judgements(MeterRegistry meters) {
        this.meters = meters;
    }

    /** A teacher that was asked in a doubt. */
    public void byTeacher(double probability, boolean right) {
        judged("teacher", probability, right);
    }

    /** Somebody named the function that should have been chosen, or the one that was. */
    void byCorrection(double probability, boolean right) {
        judged("correction", probability, right);
    }

    private void judged(String by, double probability, boolean right) {
        meters.summary("judged.claims", "by", by).record(probability);
        // By nothing as well, so that the series is there where no choice was right.
        meters.counter("judged.right", "by", by).increment(right ? 1 : 0);
    }
}
