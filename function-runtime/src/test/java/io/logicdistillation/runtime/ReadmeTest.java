package io.logicdistillation.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What README.md shows, line by line; that it is the same is held by the tests of the pages. */
class ReadmeTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            function run(state, earlier) { return {y: state.x + 1}; } | {"y":2}
            function run(state, earlier) { return state.no.such; }    | THREW
            """)
    void oneCall(String source, String expected) {
        FunctionRuntime runtime = new SandboxedFunctionRuntime();
        try (runtime) {
            FunctionResult result = runtime.call(FunctionCall.run("tenant", "javascript", source, "[{\"x\":1},{}]"));
            switch (result) {
                case FunctionResult.Returned(String json, Duration took) -> {
                    assertThat(json).isEqualTo(expected);
                    assertThat(took).isPositive();
                }
                case FunctionResult.Failed(FunctionResult.Failure kind, String message) -> {
                    assertThat(kind).hasToString(expected);
                    assertThat(message).isNotBlank();
                }
            }
        }
    }
}
