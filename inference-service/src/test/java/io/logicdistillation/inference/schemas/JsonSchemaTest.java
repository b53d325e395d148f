package io.logicdistillation.inference.schemas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class JsonSchemaTest {
    @Test
    void pointsAtTheFailingPlace() {
        JsonSchema schema = JsonSchema.compile(Map.of(
                "properties",
                Map.of("a/b", Map.of("items", Map.of("type", "integer"))),
                "required",
                List.of("a/b", "c")));

        assertThat(schema.check(Map.of("a/b", List.of(1, "two"), "c", 1)))
                .singleElement()
                .satisfies(violation -> assertThat(violation.pointer()).isEqualTo("/a~1b/1"));
        assertThat(schema.check(Map.of("a/b", List.of())))
                .extracting(JsonSchema.Violation::pointer)
                .containsExactly("/c");
        assertThat(schema.check(Map.of("a/b", List.of(), "c", 1))).isEmpty();
    }

    @Test
    void fetchesNoSchemaFromElsewhere() {
        assertThatThrownBy(() -> JsonSchema.compile(Map.of("$ref", "http://127.0.0.1:1/schema.json"))
                        .check(Map.of()))
                .isInstanceOf(RuntimeException.class)
                .hasMessageNotContaining("Connect");
    }
}
