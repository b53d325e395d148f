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
 * @param prefill from tokenising to scores, waiting for the model's turn left out
 */
public record Scores(
        Way way, List<Double> probabilities, double none, int newTokens, int cachedTokens, Duration prefill) {
    public Scores {
        probabilities = List.copyOf(probabilities);
    }
}
