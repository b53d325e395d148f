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
    void aLargeStateIsAsLargeAsTheSchemaAllows() {
        Map<String, Object> schema = Map.of(
                "type", "object",
                "required", List.of("path", "name", "few"),
                "properties",
                        Map.of(
                                "path", Map.of("type", "array", "items", Map.of("type", "integer")),
                                "name", Map.of("type", "string", "maxLength", 30),
                                "few", Map.of("type", "array", "maxItems", 2, "items", Map.of("type", "boolean"))));
        Map<String, Object> state = new StateGenerator(schema, 1, 16).next().orElseThrow();
        assertThat((List<?>) state.get("path")).hasSize(80);
        assertThat((String) state.get("name")).hasSize(30);
        assertThat((List<?>) state.get("few")).hasSize(2);
    }

    @Test
    void listsOfListsHaveAnEnd() {
        Map<String, Object> schema = Map.of(
                "$ref",
                "#/$defs/list",
                "$defs",
                Map.of(
                        "list",
                        Map.of(
                                "type",
                                "object",
                                "properties",
                                Map.of("of", Map.of("type", "array", "items", Map.of("$ref", "#/$defs/list"))),
                                "required",
                                List.of("of"))));
        assertThat(new StateGenerator(schema, 1, 64)
                        .next()
                        .map(Object::toString)
                        .orElse(""))
                .hasSizeLessThan(100_000);
    }

    @Test
    void aSchemaThatGoesInACircleLeadsNowhere() {
        Map<String, Object> circles = Map.of(
                "a", Map.of("$ref", "#/$defs/b"),
                "b", Map.of("$ref", "#/$defs/a"),
                "c", Map.of("oneOf", List.of(Map.of("$ref", "#/$defs/c"))),
                "d", Map.of("allOf", List.of(Map.of("$ref", "#/$defs/d"))));
        for (String circle : circles.keySet()) {
            Map<String, Object> schema = Map.of(
                    "type",
                    "object",
                    "properties",
                    Map.of("odd", Map.of("$ref", "#/$defs/" + circle)),
                    "$defs",
                    circles);
            StateGenerator states = new StateGenerator(schema, 1);
            for (int index = 0; index < 20; index++) {
                assertThat(states.next().orElse(Map.of())).as(circle).doesNotContainKey("odd");
            }
        }
    }

    @Test
    void aSchemaThatNothingMatchesGivesNothing() {
        assertThat(new StateGenerator(Map.of("type", "object", "not", Map.of()), 1).next())
                .isEmpty();
    }
}
