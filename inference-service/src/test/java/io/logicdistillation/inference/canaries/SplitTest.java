package io.logicdistillation.inference.canaries;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SplitTest {
    private static final String CANARY = "0193e5a0-0000-7000-8000-000000000001";
    private static final List<String> SUBJECTS = IntStream.range(0, 20_000)
            .mapToObj(number -> UUID.nameUUIDFromBytes(("episode " + number).getBytes(StandardCharsets.UTF_8))
                    .toString())
            .toList();

    /** Five standard deviations of so many draws are two hundredths. */
    @ParameterizedTest
    @ValueSource(ints = {1, 5, 10, 50, 99})
    void givesACanaryItsShare(int percent) {
        assertThat(share(CANARY, percent)).isCloseTo(percent / 100.0, within(0.018));
    }

    @Test
    void givesALargerShareAllThatASmallerHad() {
        assertThat(SUBJECTS.stream().filter(subject -> Split.isCanarys(CANARY, subject, 10)))
                .allMatch(subject -> Split.isCanarys(CANARY, subject, 25));
    }

    @Test
    void triesEveryCanaryOnSubjectsOfItsOwn() {
        String another = "0193e5a0-0000-7000-8000-000000000002";
        double both = (double) SUBJECTS.stream()
                        .filter(subject ->
                                Split.isCanarys(CANARY, subject, 50) && Split.isCanarys(another, subject, 50))
                        .count()
                / SUBJECTS.size();

        assertThat(both).isCloseTo(0.25, within(0.018));
    }

    private static double share(String canary, int percent) {
        return (double) SUBJECTS.stream()
                        .filter(subject -> Split.isCanarys(canary, subject, percent))
                        .count()
                / SUBJECTS.size();
    }
}
