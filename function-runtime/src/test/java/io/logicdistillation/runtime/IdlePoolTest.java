package io.logicdistillation.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class IdlePoolTest {

    private final List<String> left = new ArrayList<>();
    private final IdlePool<String, String> pool = new IdlePool<>(2, left::add);

    @Test
    void givesAThingToNobodyButItsOwner() {
        pool.giveBack("one", "a");

        assertThat(pool.take("two")).isNull();
        assertThat(pool.take("one")).isEqualTo("a");
        assertThat(pool.take("one")).isNull();
    }

    @Test
    void letsWhatBelongsToTheLeastActiveGoFirst() {
        pool.giveBack("one", "a");
        pool.giveBack("two", "b");
        pool.giveBack("one", pool.take("one"));
        pool.giveBack("three", "c");

        assertThat(left).containsExactly("b");
        assertThat(pool.take("one")).isEqualTo("a");
        assertThat(pool.take("three")).isEqualTo("c");
    }

    @Test
    void letsEverythingGoWhenItIsCleared() {
        pool.giveBack("one", "a");
        pool.giveBack("two", "b");

        pool.clear();

        assertThat(left).containsExactlyInAnyOrder("a", "b");
        assertThat(pool.take("one")).isNull();
    }
}
