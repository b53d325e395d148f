package io.logicdistillation.distillation.students;

/**
 * Intervals of shares and of differences between shares, of 95% unless said otherwise. Wilson's for one share (E. B. Wilson, J.
 * Amer. Statist. Assoc. 22, 1927, 209-212); differences are squared and added from two of those: R. G. Newcombe's method 10 for different rows (Statist.
 * Med. 17, 1998, 873-890) and his method 10 for the same rows (Statist. Med. 17, 1998, 2635-2650), which takes account of how far
 * two students are right and wrong on the same of them.
 */
final class Proportions {
    /** The normal distribution's quantile above which 0.05% lie. */
    static final double NORMAL_999 = 3.290527;

    private static final double NORMAL_95 = 1.959964;

    private Proportions() {}

    /** @param middle what was observed; it lies between the ends, not always half-way */
    record Interval(double middle, double low, double high) {}

    /** How two did on the same rows. */
    record Paired(int both, int firstOnly, int secondOnly, int neither) {
        int rows() {
            return both + firstOnly + secondOnly + neither;
        }
    }

    /** @param rows more than none */
    static Interval share(double share, int rows) {
        return share(share, rows, NORMAL_95);
    }

    /**
     * @param rows more than none
     * @param normal how wide it is, as a quantile of the normal distribution
     */
    static Interval share(double share, long rows, double normal) {
        double square = normal * normal;
        double middle = (share + square / (2 * rows)) / (1 + square / rows);
        double half =
                normal / (1 + square / rows) * Math.sqrt(share * (1 - share) / rows + square / (4.0 * rows * rows));
        return new Interval(share, Math.max(0, middle - half), Math.min(1, middle + half));
    }

    /** The first less the second, each on rows of its own. */
    static Interval difference(Interval first, Interval second) {
        return difference(first, second, 0);
    }

    /** The share of the first less that of the second on the same rows, of which there must be one. */
    static Interval difference(Paired counts) {
        int rows = counts.rows();
        Interval first = share((double) (counts.both() + counts.firstOnly()) / rows, rows);
        Interval second = share((double) (counts.both() + counts.secondOnly()) / rows, rows);
        return difference(first, second, correlation(counts));
    }

    private static Interval difference(Interval first, Interval second, double correlation) {
        double middle = first.middle() - second.middle();
        double below = root(first.middle() - first.low(), second.high() - second.middle(), correlation);
        double above = root(first.high() - first.middle(), second.middle() - second.low(), correlation);
        return new Interval(middle, middle - below, middle + above);
    }

    private static double root(double one, double other, double correlation) {
        return Math.sqrt(Math.max(0, one * one - 2 * correlation * one * other + other * other));
    }

    /** Phi, drawn towards nought by Newcombe's continuity correction where it is positive; nought where a margin is empty. */
    private static double correlation(Paired counts) {
        double first = counts.both() + counts.firstOnly();
        double second = counts.both() + counts.secondOnly();
        double margins = first * (counts.rows() - first) * second * (counts.rows() - second);
        double joint = (double) counts.both() * counts.neither() - (double) counts.firstOnly() * counts.secondOnly();
        if (joint > 0) {
            joint = Math.max(0, joint - counts.rows() / 2.0);
        }
        return margins == 0 ? 0 : joint / Math.sqrt(margins);
    }
}
