package io.logicdistillation.functionbase.json;

import com.networknt.schema.Error;
import com.networknt.schema.SchemaException;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import io.logicdistillation.kit.WireJson;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A JSON Schema (2020-12). It never loads anything from elsewhere: a reference has to lie within the schema. Thread-safe. */
public final class Schema {
    private static final JsonMapper JSON = WireJson.lenient();
    private static final String DIALECT = SpecificationVersion.DRAFT_2020_12.getDialectId();
    private static final com.networknt.schema.Schema META_SCHEMA = registry().getSchema(SchemaLocation.of(DIALECT));

    private final com.networknt.schema.Schema schema;

    private Schema(com.networknt.schema.Schema schema) {
        this.schema = schema;
    }

    /** @param pointer JSON pointer of the value that is at fault, empty for the whole */
    public record Violation(String pointer, String message) {}

    /** A schema that {@link #flawsOf} found nothing wrong with. */
    public static Schema of(Map<String, Object> schema) {
        return new Schema(registry().getSchema(JSON.<JsonNode>valueToTree(schema)));
    }

    /** What is wrong with the schema itself; empty if it can be used. */
    public static List<Violation> flawsOf(Map<String, Object> schema) {
        JsonNode tree = JSON.valueToTree(schema);
        Object dialect = schema.getOrDefault("$schema", DIALECT);
        if (!DIALECT.equals(dialect)) {
            return List.of(new Violation("/$schema", "only " + DIALECT + " is supported"));
        }
        List<Violation> flaws = violations(META_SCHEMA, tree);
        if (!flaws.isEmpty()) {
            return flaws;
        }
        try {
            com.networknt.schema.Schema made = registry().getSchema(tree);
            made.initializeValidators();
            // One that leads to nothing but itself does so whatever the value is.
            made.validate(JSON.createObjectNode());
            return List.of();
        } catch (SchemaException | IllegalArgumentException failure) {
            return List.of(new Violation("", String.valueOf(failure.getMessage())));
        } catch (StackOverflowError cyclic) {
            return List.of(new Violation("", "refers to itself without end"));
        }
    }

    /** What is wrong with a value; empty if it matches. */
    public List<Violation> violations(Object value) {
        return violations(schema, JSON.valueToTree(value));
    }

    private static List<Violation> violations(com.networknt.schema.Schema schema, JsonNode value) {
        try {
            return schema.validate(value).stream().map(Schema::violation).toList();
        } catch (SchemaException failure) {
            return List.of(new Violation("", String.valueOf(failure.getMessage())));
        } catch (StackOverflowError cyclic) {
            return List.of(new Violation("", "the schema refers to itself without end"));
        }
    }

    private static Violation violation(Error error) {
        String property = error.getProperty();
        String location = error.getInstanceLocation().toString();
        return new Violation(property == null ? location : location + "/" + property, error.getMessage());
    }

    /** One of its own per schema: a registry remembers schemas by their {@code $id}, which anybody may choose. */
    private static SchemaRegistry registry() {
        return SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12);
    }
}
