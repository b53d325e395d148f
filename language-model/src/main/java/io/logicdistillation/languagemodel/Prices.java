package io.logicdistillation.languagemodel;

/**
 * What tokens cost, in whatever currency the operator counts.
 *
 * @param input price of a million tokens read
 * @param output price of a million tokens written
 */
public record Prices(double input, double output) {
    /** In millionths of the currency: so many tokens at a price for a million of them. */
    public long micros(long inputTokens, long outputTokens) {
        return Math.round(inputTokens * input + outputTokens * output);
    }
}
