package io.logicdistillation.distillation.students;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Optional;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MeansTest {
    /** Hours of sleep that ten patients gained by two drugs, from which Student showed his test (Biometrika 6, 1908, 1-25). */
    private static final double[] FIRST = {0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0};

    private static final double[] SECOND = {1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4};

    @ParameterizedTest
    @CsvSource({"3, 3.18245, 0.02", "10, 2.22814, 1e-4", "29, 2.04523, 1e-5", "1000, 1.96234, 1e-5"})
    void quantileIsThatOfTheTables(long freedom, double printed, double off) {
        assertThat(Means.t(freedom)).isCloseTo(printed, within(off));
    }

    @Test
    void differenceOfStudentsOwnExample() {
        Proportions.Interval found = Means.difference(pairs(FIRST, SECOND)).orElseThrow();
        assertThat(found.middle()).isCloseTo(-1.58, within(1e-9));
        assertThat(found.low()).isCloseTo(-2.45989, within(2e-4));
        assertThat(found.high()).isCloseTo(-0.70011, within(2e-4));
    }

    @Test
    void meanOfStudentsOwnExample() {
        Proportions.Interval found = Means.mean(pairs(SECOND, FIRST)).orElseThrow();
        assertThat(found.middle()).isCloseTo(2.33, within(1e-9));
        assertThat(found.low()).isCloseTo(0.89776, within(3e-4));
        assertThat(found.high()).isCloseTo(3.76224, within(3e-4));
    }

    /** What Fieller's interval is: the ratios r for which the interval of (first - r second) holds nought. */
    @Test
    void endsOfARatioAreWhereTheDifferenceBeginsToHoldNought() {
        double[] other = {5.0, 4.1, 6.2, 5.5, 4.8, 5.9, 6.4, 5.1, 6.0, 5.2};
        double[] mine = {4.1, 3.9, 5.0, 4.6, 3.7, 5.2, 5.1, 4.4, 4.9, 4.0};
        Proportions.Interval found = Means.ratio(pairs(mine, other)).orElseThrow();
        assertThat(found.middle()).isCloseTo(44.9 / 54.2, within(1e-9));
        assertThat(lessScaled(mine, other, found.high()).high()).isCloseTo(0, within(1e-9));
        assertThat(lessScaled(mine, other, found.low()).low()).isCloseTo(0, within(1e-9));
    }

    private static Proportions.Interval lessScaled(double[] mine, double[] other, double ratio) {
        double[] scaled = Arrays.stream(other).map(value -> ratio * value).toArray();
        return Means.difference(pairs(mine, scaled)).orElseThrow();
    }

    @Test
    void thereIsNoShareOfALossNorOfWhatMayBeNothing() {
        assertThat(Means.ratio(pairs(FIRST, Arrays.stream(SECOND).map(x -> -x).toArray())))
                .isEmpty();
        assertThat(Means.ratio(pairs(SECOND, FIRST))).isEmpty();
    }

    @Test
    void saysNothingOfTwoPairs() {
        Means.Pairs two = pairs(new double[] {1, 2}, new double[] {1, 1});
        assertThat(Means.difference(two)).isEmpty();
        assertThat(Means.mean(two)).isEmpty();
        assertThat(Means.ratio(two)).isEmpty();
    }

    @Test
    void isAPointWhereNothingScatters() {
        double[] same = {1, 1, 1, 1};
        assertThat(Means.difference(pairs(same, same))).hasValue(new Proportions.Interval(0, 0, 0));
        assertThat(Means.ratio(pairs(same, same))).hasValue(new Proportions.Interval(1, 1, 1));
    }

    /** Rewards are shares of two evaders, so their steps are coarse; both intervals must hold the truth all the same. */
    @Test
    void holdsTheTruthAsOftenAsItSays() {
        RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(11);
        int trials = 4_000;
        int differences = 0;
        int ratios = 0;
        for (int trial = 0; trial < trials; trial++) {
            double[] mine = new double[30];
            double[] teacher = new double[30];
            for (int episode = 0; episode < mine.length; episode++) {
                double hard = random.nextDouble();
                mine[episode] = (caught(random, 0.95 - 0.5 * hard) + caught(random, 0.95 - 0.5 * hard)) / 2.0;
                teacher[episode] = (caught(random, 1 - 0.4 * hard) + caught(random, 1 - 0.4 * hard)) / 2.0;
            }
            Means.Pairs pairs = pairs(mine, teacher);
            differences += holds(Means.difference(pairs), 0.7 - 0.8) ? 1 : 0;
            ratios += holds(Means.ratio(pairs), 0.7 / 0.8) ? 1 : 0;
        }
        assertThat((double) differences / trials).isBetween(0.935, 0.965);
        assertThat((double) ratios / trials).isBetween(0.93, 0.965);
    }

    private static int caught(RandomGenerator random, double chance) {
        return random.nextDouble() < chance ? 1 : 0;
    }

    private static boolean holds(Optional<Proportions.Interval> found, double truth) {
        return found.isPresent()
                && found.get().low() <= truth
                && truth <= found.get().high();
    }

    private static Means.Pairs pairs(double[] first, double[] second) {
        double mean = Arrays.stream(first).average().orElseThrow();
        double other = Arrays.stream(second).average().orElseThrow();
        double squares = 0;
        double otherSquares = 0;
        double products = 0;
        for (int i = 0; i < first.length; i++) {
            squares += (first[i] - mean) * (first[i] - mean);
            otherSquares += (second[i] - other) * (second[i] - other);
            products += (first[i] - mean) * (second[i] - other);
        }
        return new Means.Pairs(first.length, mean, other, squares, otherSquares, products);
    }
}
