package io.logicdistillation.contracts;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An example that a function must satisfy before it is admitted.
 *
 * @param state the function's first argument
 * @param earlier outputs of the earlier stages by stage name, the second argument
 * @param output what the function must return, compared as JSON
 */
public record FunctionTest(
        Map<String, Object> state, @Nullable Map<String, Object> earlier, Object output) {
    public FunctionTest {
        Names.require("tests.state", state);
        Names.require("tests.output", output);
        earlier = earlier == null ? Map.of() : earlier;
    }

    @Override
    public Map<String, Object> earlier() {
        return earlier == null ? Map.of() : earlier;
    }
}
