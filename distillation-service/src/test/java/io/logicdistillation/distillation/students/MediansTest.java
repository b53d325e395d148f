package io.logicdistillation.distillation.students;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MediansTest {
    /** The ranks that tables of the sign test give (Conover, Practical Nonparametric Statistics, table A3). */
    @ParameterizedTest
    @CsvSource({"6, 1, 6", "8, 1, 8", "9, 2, 8", "10, 2, 9", "20, 6, 15", "50, 18, 33", "100, 40, 61"})
    void endsOfTheIntervalHaveTheRanksOfTheSignTest(int count, double low, double high) {
        Proportions.Interval found = ranks(count).interval().orElseThrow();
        assertThat(found.low()).isEqualTo(low);
        assertThat(found.high()).isEqualTo(high);
        assertThat(found.middle()).isEqualTo((count + 1) / 2.0);
    }

    @Test
    void hasNoIntervalOfFiveValues() {
        assertThat(ranks(5).interval()).isEmpty();
        assertThat(new Medians(3).median()).isEqualTo(3);
    }

    @Test
    void takesTheNearestRank() {
        assertThat(ranks(100).quantile(0.99)).isEqualTo(99);
        assertThat(ranks(40).quantile(0.99)).isEqualTo(40);
        assertThat(ranks(1).quantile(0.5)).isEqualTo(1);
    }

    /** One row in five was held up by something else, for however long. */
    @Test
    void holdsTheTruthAsOftenAsItSaysUnderNoise() {
        RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(3);
        int held = 0;
        int trials = 4_000;
        for (int trial = 0; trial < trials; trial++) {
            double[] ratios = new double[40];
            for (int row = 0; row < ratios.length; row++) {
                double own = random.nextDouble() < 0.2 ? 20 * random.nextDouble() : 1;
                double other = random.nextDouble() < 0.2 ? 20 * random.nextDouble() : 1;
                ratios[row] = own * Math.exp(0.1 * random.nextGaussian()) / other;
            }
            Proportions.Interval found = new Medians(ratios).interval().orElseThrow();
            held += found.low() <= 1 && 1 <= found.high() ? 1 : 0;
        }
        assertThat((double) held / trials).isBetween(0.94, 0.985);
    }

    private static Medians ranks(int count) {
        return new Medians(IntStream.rangeClosed(1, count)
                .map(rank -> count + 1 - rank)
                .asDoubleStream()
                .toArray());
    }
}
