package io.logicdistillation.benchmarks;

import java.util.Arrays;

/** Milliseconds of repeated runs. */
final class Samples {
    private final double[] milliseconds;
    private int count;

    Samples(int capacity) {
        this.milliseconds = new double[capacity];
    }

    void add(long nanos) {
        milliseconds[count++] = nanos / 1e6;
    }

    double percentile(double share) {
        double[] sorted = Arrays.copyOf(milliseconds, count);
        Arrays.sort(sorted);
        return sorted[Math.min(count - 1, (int) (share * count))];
    }
}
