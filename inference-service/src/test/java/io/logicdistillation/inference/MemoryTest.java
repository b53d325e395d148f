package io.logicdistillation.inference;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** A leak of a kilobyte a decision shows here; the engine's own memory is off the heap and is not played. */
class MemoryTest extends ServiceTest {
    private static final int DECISIONS = 2_000;

    @Test
    void staysFlatOverManyDecisions() {
        decideOften(500);
        long before = used();

        decideOften(DECISIONS);

        assertThat(used() - before).as("bytes kept by %s decisions", DECISIONS).isLessThan(DECISIONS * 1_024L);
    }

    private void decideOften(int times) {
        for (int i = 0; i < times; i++) {
            Map<String, Object> state = Map.of("x", i % 10, "goal", (i / 10) % 10, "note", "number " + i);
            Answer made = decide(
                    Map.of("state", state, "episode", UUID.randomUUID().toString()),
                    "Idempotency-Key",
                    UUID.randomUUID().toString());
            assertThat(made.status()).isEqualTo(200);
        }
        model.requests().clear();
    }

    /** The least of some tries: a collection may find a request still in flight. */
    private static long used() {
        long least = Long.MAX_VALUE;
        for (int i = 0; i < 5; i++) {
            System.gc();
            Runtime runtime = Runtime.getRuntime();
            least = Math.min(least, runtime.totalMemory() - runtime.freeMemory());
        }
        return least;
    }
}
