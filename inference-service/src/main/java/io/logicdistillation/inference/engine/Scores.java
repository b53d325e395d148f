package io.logicdistillation.inference.engine;

import java.time.Duration;
import java.util.List;

/**
 * Calibrated probabilities of one stage; with {@code none} they add up to one.
 *
 * @param probabilities in the order of the request's entries
 * @param none the probability that no candidate fits
 * @param newTokens tokens that this call ran through the model
 * @param cachedTokens tokens whose keys and values were there already
 * @param prefill from tokenising to scores, waiting for the model's turn left out; the whole exchange with a remote engine
 * @param engine name of the engine that answered
 */
public record Scores(
        Way way,
        List<Double> probabilities,
        double none,
        int newTokens,
        int cachedTokens,
        Duration prefill,
        String engine) {
    /** The engine that every student has. */
    public static final String IN_PROCESS = "in-process";

    public Scores(Way way, List<Double> probabilities, double none, int newTokens, int cachedTokens, Duration prefill) {
        this(way, probabilities, none, newTokens, cachedTokens, prefill, IN_PROCESS);
    }

    /** The same numbers in another order. */
    Scores with(List<Double> ordered) {
        return new Scores(way, ordered, none, newTokens, cachedTokens, prefill, engine);
    }

    /** The same, for one who had nothing run for it. */
    Scores remembered() {
        return new Scores(way, probabilities, none, 0, newTokens + cachedTokens, Duration.ZERO, engine);
    }

    /** Whether they were there already. */
    public boolean areRemembered() {
        return newTokens == 0;
    }

    public Scores {
        probabilities = List.copyOf(probabilities);
    }
}
