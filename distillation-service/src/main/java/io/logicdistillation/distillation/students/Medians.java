package io.logicdistillation.distillation.students;

import java.util.Arrays;
import java.util.Optional;

/**
 * Quantiles of what was measured, and the 95% interval of a median from its order statistics: it holds whatever the distribution, and a
 * few measurements that something else held up do not move it.
 */
final class Medians {
    private static final double TAIL = 0.025;

    private final double[] sorted;

    /** @param values one at least, in any order */
    Medians(double... values) {
        if (values.length == 0) {
            throw new IllegalArgumentException("There is no quantile of nothing");
        }
        this.sorted = values.clone();
        Arrays.sort(sorted);
    }

    double median() {
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    /** The smallest value that so many are not above (the nearest rank). @param share above 0, at most 1 */
    double quantile(double share) {
        return sorted[(int) Math.ceil(share * sorted.length) - 1];
    }

    /** Of the median; empty of fewer than six values, whose range itself holds it less often. */
    Optional<Proportions.Interval> interval() {
        int below = ranksBelow(sorted.length);
        return below == 0
                ? Optional.empty()
                : Optional.of(new Proportions.Interval(median(), sorted[below - 1], sorted[sorted.length - below]));
    }

    /** How far the interval's ends lie inwards: the most that as few as so many of the values lie above by chance of 2.5% at most. */
    private static int ranksBelow(int count) {
        double term = -count * Math.log(2);
        double sum = 0;
        int ranks = 0;
        while (ranks < count) {
            sum += Math.exp(term);
            if (sum > TAIL) {
                break;
            }
            term += Math.log((double) (count - ranks) / (ranks + 1));
            ranks++;
        }
        return ranks;
    }
}
