package io.logicdistillation.inference.remote;

import io.logicdistillation.languagemodel.Failure;
import io.logicdistillation.languagemodel.ModelException;

/**
 * What a server thinks of the entries.
 *
 * @param shares of the entries in the order of the question, and last that of "none of these"; they add up to one
 * @param newTokens that the server read
 * @param cachedTokens that it had read before
 */
record Judgement(double[] shares, int newTokens, int cachedTokens) {
    /** A server that rounds each of 255 probabilities to three digits stays within it. */
    private static final double SLACK = 0.15;

    /**
     * Takes probabilities as another model gives them.
     *
     * @throws ModelException if they are none
     */
    static Judgement ofProbabilities(double[] told, long inputTokens, long cachedTokens) {
        double sum = 0;
        for (double share : told) {
            if (!(share >= 0 && share <= 1 + SLACK)) {
                throw new ModelException(Failure.GARBLED, "a probability is none", null);
            }
            sum += share;
        }
        if (Math.abs(sum - 1) > SLACK) {
            throw new ModelException(Failure.GARBLED, "the probabilities do not add up to one", null);
        }
        double[] shares = new double[told.length];
        for (int i = 0; i < told.length; i++) {
            shares[i] = told[i] / sum;
        }
        int cached = count(cachedTokens);
        return new Judgement(shares, count(inputTokens) - Math.min(cached, count(inputTokens)), cached);
    }

    static int count(long tokens) {
        return Math.clamp(tokens, 0, Integer.MAX_VALUE);
    }

    /** @throws ModelException if another model answered than was asked */
    static void checkModel(String expected, String answered) {
        if (!expected.equals(answered)) {
            throw new ModelException(
                    Failure.GARBLED,
                    "another model answered than '" + expected + "'; answers-as names it if that is meant",
                    null);
        }
    }
}
