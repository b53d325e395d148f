package io.logicdistillation.inference.schemas;

import com.networknt.schema.Error;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SchemaRegistryConfig;
import com.networknt.schema.SpecificationVersion;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A compiled JSON Schema (2020-12). Never fetches a schema from elsewhere. Immutable. */
public final class JsonSchema {
    private static final int MOST_VIOLATIONS = 20;
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final SchemaRegistry REGISTRY = SchemaRegistry.withDefaultDialect(
            SpecificationVersion.DRAFT_2020_12,
            builder -> builder.schemaCacheEnabled(false)
                    .schemaRegistryConfig(SchemaRegistryConfig.builder()
                            .locale(Locale.ENGLISH)
                            .build()));

    private final Schema schema;

    private JsonSchema(Schema schema) {
        this.schema = schema;
    }

    /** @throws RuntimeException if the schema is none */
    public static JsonSchema compile(Map<String, Object> schema) {
        Schema compiled = REGISTRY.getSchema(JSON.valueToTree(schema));
        compiled.initializeValidators();
        return new JsonSchema(compiled);
    }

    /** What is wrong with a value, in the order of the schema; empty if nothing is. */
    public List<Violation> check(Object value) {
        JsonNode tree = value instanceof JsonNode node ? node : JSON.valueToTree(value);
        return schema.validate(tree).stream()
                .map(Violation::of)
                .limit(MOST_VIOLATIONS)
                .toList();
    }

    /**
     * @param pointer JSON pointer of the failing place; of a missing member, where it should be
     */
    public record Violation(String pointer, String message) {
        private static Violation of(Error error) {
            String pointer = error.getInstanceLocation().toString();
            boolean missing = "required".equals(error.getKeyword()) && error.getProperty() != null;
            return new Violation(missing ? pointer + "/" + escaped(error.getProperty()) : pointer, error.getMessage());
        }

        private static String escaped(String member) {
            return member.replace("~", "~0").replace("/", "~1");
        }
    }
}
