package io.logicdistillation.functionbase.json;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class StateGeneratorTest {
    private static final Map<String, Object> SCHEMA = Map.of(
            "type", "object",
            "required", List.of("x", "kind", "path"),
            "additionalProperties", false,
            "properties",
                    Map.of(
                            "x", Map.of("type", "integer", "minimum", 0, "maximum", 9),
                            "kind", Map.of("enum", List.of("wall", "door")),
                            "path", Map.of("type", "array", "minItems", 1, "items", Map.of("$ref", "#/$defs/cell")),
                            "note",
                                    Map.of(
                                            "oneOf",
                                            List.of(Map.of("type", "null"), Map.of("type", "string", "minLength", 3)))),
            "$defs",
                    Map.of(
                            "cell",
                            Map.of(
                                    "type",
                                    "object",
                                    "required",
                                    List.of("row"),
                                    "properties",
                                    Map.of("row", Map.of("type", "number")))));

    @Test
    void everyStateMatchesTheSchemaAndTheyDiffer() {
        Schema schema = Schema.of(SCHEMA);
        StateGenerator states = new StateGenerator(SCHEMA, 7);
        Set<Object> seen = new HashSet<>();
        for (int index = 0; index < 1_000; index++) {
            Map<String, Object> state = states.next().orElseThrow();
            assertThat(schema.violations(state)).isEmpty();
            seen.add(state);
        }
        assertThat(seen).hasSizeGreaterThan(500);
    }

    @Test
    void theSameSeedGivesTheSameStates() {
        StateGenerator one = new StateGenerator(SCHEMA, 3);
        StateGenerator other = new StateGenerator(SCHEMA, 3);
        for (int index = 0; index < 50; index++) {
            assertThat(one.next()).isEqualTo(other.next());
        }
    }

    @Test
    void aSchemaThatNothingMatchesGivesNothing() {
        assertThat(new StateGenerator(Map.of("type", "object", "not", Map.of()), 1).next())
                .isEmpty();
    }
}
