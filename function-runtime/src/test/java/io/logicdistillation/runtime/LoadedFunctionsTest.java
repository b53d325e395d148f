package io.logicdistillation.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class LoadedFunctionsTest {

    private static FunctionCall call(int number) {
        return FunctionCall.run("tenant", "javascript", "source " + number, "[]");
    }

    private static long kept(LoadedFunctions<String> functions) {
        return IntStream.range(0, 100)
                .filter(number -> functions.get(call(number)) != null)
                .count();
    }

    @Test
    void keepsTheMostRecentlyCalledOnes() {
        LoadedFunctions<String> functions = new LoadedFunctions<>(2, 1_000, String::length);
        functions.put(call(0), "a");
        functions.put(call(1), "b");
        functions.get(call(0));
        functions.put(call(2), "c");

        assertThat(functions.get(call(0))).isEqualTo("a");
        assertThat(functions.get(call(1))).isNull();
    }

    @Test
    void keepsNoMoreThanMayBeTakenTogether() {
        LoadedFunctions<String> functions = new LoadedFunctions<>(100, 1_000, String::length);
        for (int number = 0; number < 100; number++) {
            functions.put(call(number), "x".repeat(91));
            functions.put(call(number), "x".repeat(91));
        }

        assertThat(kept(functions)).isEqualTo(1_000 / (91 + "source 99".length()));
    }

    @Test
    void keepsOneThatIsTooLargeForAll() {
        LoadedFunctions<String> functions = new LoadedFunctions<>(100, 1_000, String::length);
        functions.put(call(1), "x".repeat(10));
        functions.put(call(2), "x".repeat(2_000));

        assertThat(functions.get(call(2))).hasSize(2_000);
        assertThat(kept(functions)).isEqualTo(1);
    }
}
