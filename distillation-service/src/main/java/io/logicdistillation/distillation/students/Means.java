package io.logicdistillation.distillation.students;

import java.util.Optional;

/**
 * Intervals of 95% of means and of how two means compare that were taken in pairs: Student's t for a mean and for a difference, Fieller's
 * theorem (J. R. Statist. Soc. B 16, 1954, 175-185) for a ratio. What makes a pair high or low for both falls out.
 */
final class Means {
    /** Fewer say nothing about how much they scatter that one could rely on. */
    static final int FEWEST = 3;

    private static final double NORMAL_95 = 1.959963985;

    private Means() {}

    /**
     * Pairs, summed up.
     *
     * @param first mean of the first of each pair
     * @param firstSquares sum of the squared distances from that mean
     * @param products sum of the products of both distances
     */
    record Pairs(long count, double first, double second, double firstSquares, double secondSquares, double products) {
        /** Values that have no partner. */
        static Pairs single(long count, double mean, double squares) {
            return new Pairs(count, mean, 0, squares, 0, 0);
        }

        private double factor() {
            return 1.0 / (count - 1) / count;
        }
    }

    /** The first mean; empty where there are fewer than {@link #FEWEST} pairs. */
    static Optional<Proportions.Interval> mean(Pairs pairs) {
        return around(pairs, pairs.first(), pairs.firstSquares());
    }

    /** The first mean less the second; empty where there are fewer than {@link #FEWEST} pairs. */
    static Optional<Proportions.Interval> difference(Pairs pairs) {
        return around(
                pairs,
                pairs.first() - pairs.second(),
                pairs.firstSquares() - 2 * pairs.products() + pairs.secondSquares());
    }

    /**
     * The first mean over the second; empty where there are fewer than {@link #FEWEST} pairs, or where the second mean is not above nought
     * beyond its own interval: a share of nothing, or of a loss, is none.
     */
    static Optional<Proportions.Interval> ratio(Pairs pairs) {
        if (pairs.count() < FEWEST) {
            return Optional.empty();
        }
        double weight = square(t(pairs.count() - 1)) * pairs.factor();
        double a = square(pairs.second()) - weight * pairs.secondSquares();
        if (pairs.second() <= 0 || a <= 0) {
            return Optional.empty();
        }
        double b = pairs.first() * pairs.second() - weight * pairs.products();
        double c = square(pairs.first()) - weight * pairs.firstSquares();
        double root = Math.sqrt(Math.max(0, b * b - a * c));
        return Optional.of(new Proportions.Interval(pairs.first() / pairs.second(), (b - root) / a, (b + root) / a));
    }

    private static Optional<Proportions.Interval> around(Pairs pairs, double mean, double squares) {
        if (pairs.count() < FEWEST) {
            return Optional.empty();
        }
        double half = t(pairs.count() - 1) * Math.sqrt(Math.max(0, squares) * pairs.factor());
        return Optional.of(new Proportions.Interval(mean, mean - half, mean + half));
    }

    /**
     * The quantile of Student's t above which 2.5% lie, by its expansion (Abramowitz and Stegun, 26.7.5): within 1% from three degrees of
     * freedom on, below a ten-thousandth from ten on.
     */
    static double t(long freedom) {
        double z = NORMAL_95;
        double z3 = z * z * z;
        double z5 = z3 * z * z;
        double z7 = z5 * z * z;
        double z9 = z7 * z * z;
        double first = (z3 + z) / 4;
        double second = (5 * z5 + 16 * z3 + 3 * z) / 96;
        double third = (3 * z7 + 19 * z5 + 17 * z3 - 15 * z) / 384;
        double fourth = (79 * z9 + 776 * z7 + 1482 * z5 - 1920 * z3 - 945 * z) / 92160;
        double share = 1.0 / freedom;
        return z + share * (first + share * (second + share * (third + share * fourth)));
    }

    private static double square(double value) {
        return value * value;
    }
}
