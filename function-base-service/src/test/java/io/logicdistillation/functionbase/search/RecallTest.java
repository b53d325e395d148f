package io.logicdistillation.functionbase.search;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class RecallTest {
    @Test
    void countsHowManyOfTheNearestAreAmongTheFirstFound() {
        assertThat(Recall.share(List.of(1L, 2L, 3L, 4L), List.of(4L, 2L, 9L, 1L), 2))
                .isEqualTo(0.5);
        assertThat(Recall.share(List.of(1L, 2L), List.of(2L, 1L), 2)).isEqualTo(1);
        assertThat(Recall.share(List.of(1L, 2L), List.of(), 2)).isZero();
        assertThat(Recall.share(List.of(1L), List.of(1L, 7L), 10)).isEqualTo(1);
    }
}
