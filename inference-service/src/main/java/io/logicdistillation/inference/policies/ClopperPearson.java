package io.logicdistillation.inference.policies;

/** The exact binomial bound (Clopper and Pearson, 1934) on how often something happens, from how often it did. */
final class ClopperPearson {
    private static final int HALVINGS = 60;

    private ClopperPearson() {}

    /** The greatest rate under which at most {@code events} of {@code trials} still have the probability {@code risk}. */
    static double upper(int events, int trials, double risk) {
        if (events >= trials) {
            return 1;
        }
        double low = (double) events / trials;
        double high = 1;
        for (int i = 0; i < HALVINGS; i++) {
            double middle = (low + high) / 2;
            if (atMost(events, trials, middle) > risk) {
                low = middle;
            } else {
                high = middle;
            }
        }
        return high;
    }

    /** Probability of at most so many events; term by term in logarithms, so that thousands of trials do not underflow. */
    private static double atMost(int events, int trials, double rate) {
        double logOdds = Math.log(rate) - Math.log1p(-rate);
        double logTerm = trials * Math.log1p(-rate);
        double sum = Math.exp(logTerm);
        for (int i = 1; i <= events; i++) {
            logTerm += logOdds + Math.log((double) (trials - i + 1) / i);
            sum += Math.exp(logTerm);
        }
        return sum;
    }
}
