package io.logicdistillation.inference.questions;

import java.util.Arrays;

/** The arithmetic from scores to probabilities and confidences. */
final class Margins {
    private Margins() {}

    /** Shares that add up to one; sums run in the order given. */
    static double[] softmax(double[] logs) {
        double largest = Arrays.stream(logs).max().orElseThrow();
        double[] shares =
                Arrays.stream(logs).map(log -> Math.exp(log - largest)).toArray();
        double sum = Arrays.stream(shares).sum();
        return Arrays.stream(shares).map(share -> share / sum).toArray();
    }

    /** {@code log(exp(a) + exp(b))}. */
    static double logSum(double a, double b) {
        double larger = Math.max(a, b);
        return larger + Math.log1p(Math.exp(Math.min(a, b) - larger));
    }

    /** The odds of an entry against "none of these", as a logarithm; finite whatever has been rounded to zero. */
    static double ofShares(double entry, double none) {
        return Math.log(Math.max(entry, Double.MIN_NORMAL)) - Math.log(Math.max(none, Double.MIN_NORMAL));
    }

    /** 0 if all options are alike, 1 if there is no doubt. */
    static double choiceConfidence(double[] shares) {
        double even = 1.0 / shares.length;
        return clamp((shares[mode(shares)] - even) / (1 - even));
    }

    /** 1 less the mean distance from the most probable level, in units of that of levels that are all alike. */
    static double scoreConfidence(double[] shares) {
        int mode = mode(shares);
        double spread = 0;
        double even = 0;
        for (int i = 0; i < shares.length; i++) {
            spread += shares[i] * Math.abs(i - mode);
            even += Math.abs(i - (shares.length - 1) / 2.0) / shares.length;
        }
        return clamp(1 - spread / even);
    }

    /** The most probable one, the first of equals. */
    static int mode(double[] shares) {
        int mode = 0;
        for (int i = 1; i < shares.length; i++) {
            if (shares[i] > shares[mode]) {
                mode = i;
            }
        }
        return mode;
    }

    private static double clamp(double value) {
        return Math.clamp(value, 0.0, 1.0);
    }
}
