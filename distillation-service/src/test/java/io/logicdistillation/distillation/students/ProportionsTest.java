package io.logicdistillation.distillation.students;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Against figures that the papers and their readers print. */
class ProportionsTest {
    private static final Offset<Double> PRINTED = within(6e-4);

    @ParameterizedTest
    @CsvSource({
        "56, 70, 48, 80, 0.0524, 0.3339",
        "9, 10, 3, 10, 0.1705, 0.8090",
        "5, 56, 0, 29, -0.0381, 0.1926",
        "10, 10, 0, 10, 0.6075, 1.0"
    })
    void differenceOfSharesOfDifferentRows(
            int right, int rows, int otherRight, int otherRows, double low, double high) {
        Proportions.Interval found = Proportions.difference(
                Proportions.share((double) right / rows, rows),
                Proportions.share((double) otherRight / otherRows, otherRows));
        assertThat(found.low()).isCloseTo(low, PRINTED);
        assertThat(found.high()).isCloseTo(high, PRINTED);
    }

    /** Bentur's 21 children, as Fagerland, Lydersen and Laake take them (Statist. Med. 33, 2014, 2850-2875). */
    @Test
    void differenceOfSharesOfTheSameRows() {
        Proportions.Interval found = Proportions.difference(new Proportions.Paired(1, 1, 7, 12));
        assertThat(found.middle()).isCloseTo(-6 / 21.0, within(1e-9));
        assertThat(found.low()).isCloseTo(-0.507, PRINTED);
        assertThat(found.high()).isCloseTo(-0.026, PRINTED);
    }

    @Test
    void isNarrowerWhereBothAreRightAndWrongOnTheSameRows() {
        Proportions.Interval same = Proportions.difference(new Proportions.Paired(160, 4, 12, 24));
        Proportions.Interval apart =
                Proportions.difference(Proportions.share(164 / 200.0, 200), Proportions.share(172 / 200.0, 200));
        assertThat(same.middle()).isCloseTo(apart.middle(), within(1e-9));
        assertThat(same.high() - same.low()).isLessThan(0.7 * (apart.high() - apart.low()));
    }

    @Test
    void staysFiniteWhereEverythingIsRight() {
        Proportions.Interval found = Proportions.difference(new Proportions.Paired(200, 0, 0, 0));
        assertThat(found.middle()).isZero();
        assertThat(found.low()).isNegative().isGreaterThan(-0.03);
        assertThat(found.high()).isPositive().isLessThan(0.03);
    }

    /** It would be a bad judge that called two equals unequal more often than it says. */
    @Test
    void holdsTheTruthAsOftenAsItSays() {
        RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(5);
        int held = 0;
        int trials = 4_000;
        for (int trial = 0; trial < trials; trial++) {
            int[] counts = new int[4];
            for (int row = 0; row < 100; row++) {
                double drawn = random.nextDouble();
                counts[drawn < 0.8 ? 0 : drawn < 0.88 ? 1 : drawn < 0.96 ? 2 : 3]++;
            }
            Proportions.Interval found =
                    Proportions.difference(new Proportions.Paired(counts[0], counts[1], counts[2], counts[3]));
            held += found.low() <= 0 && 0 <= found.high() ? 1 : 0;
        }
        assertThat((double) held / trials).isBetween(0.935, 0.985);
    }
}
