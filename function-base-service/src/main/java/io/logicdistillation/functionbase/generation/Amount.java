package io.logicdistillation.functionbase.generation;

import org.jspecify.annotations.Nullable;

/**
 * Tokens, and the money that they cost.
 *
 * @param micros millionths of the currency
 */
record Amount(long tokens, long micros) {
    static final Amount NOTHING = new Amount(0, 0);

    private static final double MICROS = 1e6;
    private static final long BOUNDLESS = Long.MAX_VALUE / 4;

    /** What is absent has no bound. */
    static Amount of(@Nullable Long tokens, @Nullable Double money) {
        return new Amount(
                tokens == null ? BOUNDLESS : Math.min(tokens, BOUNDLESS),
                money == null ? BOUNDLESS : Math.min(BOUNDLESS, Math.round(money * MICROS)));
    }

    static double money(long micros) {
        return micros / MICROS;
    }
}
