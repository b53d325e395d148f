package io.logicdistillation.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import io.logicdistillation.contracts.ProblemType;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

class OpenApiTest extends GatewayHttpTest {
    private static final Set<String> METHODS = Set.of("get", "put", "post", "delete", "patch");
    private static final JsonNode DOCUMENT = resource("/static/v1/openapi.json");
    private static final SchemaRegistry SCHEMAS = SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12);

    @Test
    void isServedToEverybody() throws Exception {
        HttpResponse<String> answer = send(request("/v1/openapi.json"));
        assertThat(answer.headers().firstValue("Content-Type").orElse("")).startsWith("application/json");
        assertThat(JSON.readTree(answer.body())).isEqualTo(DOCUMENT);
    }

    /** Against the schema that the OpenAPI Initiative publishes (Apache-2.0). */
    @Test
    void isAValidOpenApiDocument() {
        assertThat(SCHEMAS.getSchema(resource("/openapi-3.1-schema.json")).validate(DOCUMENT))
                .isEmpty();
    }

    @Test
    void documentsOnlyWhatIsRouted() throws Exception {
        Map<String, String> services = Map.of(
                "decisions",
                "inference",
                "decision-apis",
                "inference",
                "students",
                "distillation",
                "datasets",
                "distillation",
                "jobs",
                "distillation",
                "workers",
                "distillation",
                "keys",
                "");
        for (Operation operation : operations()) {
            String service = services.getOrDefault(operation.tag(), "function-base");
            boolean ofTenants = operation.tag().equals("tenants");
            // No tenant of another test is to be deleted.
            String address = operation.address().replace("/tenants/acme", "/tenants/nobody-at-all");
            HttpResponse<String> answer = send(as(ofTenants ? PLATFORM : OWNER, address)
                    .method(operation.method().toUpperCase(Locale.ROOT), HttpRequest.BodyPublishers.noBody()));
            if (ofTenants && !operation.path().contains("/data/")) {
                // The services that stand in here keep nothing that could be counted.
                assertThat(answer.body())
                        .contains(operation.method().equals("delete") ? "unavailable" : "unknown-tenant");
                service = "";
            } else if (operation.tag().equals("keys")) {
                assertIsAnsweredHere(operation, answer);
            } else {
                assertThat(answer.statusCode())
                        .as("%s %s", operation.method(), operation.path())
                        .isEqualTo(200);
            }
            assertThat(answer.headers().firstValue("X-Upstream").orElse(""))
                    .as("%s %s", operation.method(), operation.path())
                    .isEqualTo(service);
        }
    }

    /** Without a body, and for keys that there are not, the gateway says so, and not that it knows no such address. */
    private static void assertIsAnsweredHere(Operation operation, HttpResponse<String> answer) {
        assertThat(answer.body())
                .as("%s %s", operation.method(), operation.path())
                .doesNotContain(
                        ProblemType.NOT_FOUND.uri().toString(),
                        ProblemType.METHOD_NOT_ALLOWED.uri().toString());
        assertThat(answer.statusCode()).isIn(200, 400, 404);
    }

    @Test
    void refersOnlyToWhatItHolds() {
        DOCUMENT.findValues("$ref")
                .forEach(reference -> assertThat(
                                DOCUMENT.at(reference.stringValue().substring(1))
                                        .isMissingNode())
                        .as(reference.stringValue())
                        .isFalse());
    }

    @Test
    void givesExamplesThatMatchTheirSchemas() {
        int checked = 0;
        for (Operation operation : operations()) {
            List<JsonNode> contents = new ArrayList<>();
            contents.add(operation.node().path("requestBody").path("content"));
            operation
                    .node()
                    .path("responses")
                    .forEach(answer -> contents.add(resolve(answer).path("content")));
            for (JsonNode content : contents) {
                for (JsonNode media : content) {
                    for (JsonNode example : examples(media)) {
                        ObjectNode schema = (ObjectNode) media.get("schema").deepCopy();
                        schema.set("components", DOCUMENT.get("components"));
                        assertThat(SCHEMAS.getSchema(schema).validate(example))
                                .as("%s %s: %s", operation.method(), operation.path(), example)
                                .isEmpty();
                        checked++;
                    }
                }
            }
        }
        assertThat(checked).isGreaterThan(50);
    }

    @Test
    void saysOfEveryOperationWhatCanGoWrong() {
        for (Operation operation : operations()) {
            JsonNode responses = operation.node().path("responses");
            for (String status : new String[] {"401", "403", "429", "503", "504"}) {
                assertThat(responses.has(status))
                        .as("%s of %s", status, operation.path())
                        .isTrue();
            }
            assertThat(operation.node().path("operationId").isString()).isTrue();
            // The gateway itself refuses lines and headers that are not acceptable, long bodies, and forms. The
            // decision
            // APIs have their formats' own statuses.
            if (!operation.tag().equals("decision-apis")) {
                assertThat(responses.has("400"))
                        .as("400 of %s", operation.path())
                        .isTrue();
                if (operation.node().has("requestBody")) {
                    assertThat(responses.has("413"))
                            .as("413 of %s", operation.path())
                            .isTrue();
                    assertThat(responses.has("415"))
                            .as("415 of %s", operation.path())
                            .isTrue();
                }
            }
        }
    }

    private record Operation(String method, String path, String tag, String address, JsonNode node) {}

    private static List<Operation> operations() {
        List<Operation> operations = new ArrayList<>();
        DOCUMENT.get("paths")
                .properties()
                .forEach(path -> path.getValue().properties().forEach(method -> {
                    if (METHODS.contains(method.getKey())) {
                        JsonNode node = method.getValue();
                        operations.add(new Operation(
                                method.getKey(),
                                path.getKey(),
                                node.get("tags").get(0).stringValue(),
                                address(path.getKey(), node),
                                node));
                    }
                }));
        assertThat(operations).hasSizeGreaterThan(20);
        return operations;
    }

    private static String address(String path, JsonNode operation) {
        String address = path;
        for (JsonNode parameter : operation.path("parameters")) {
            JsonNode resolved = resolve(parameter);
            if (resolved.get("in").stringValue().equals("path")) {
                address = address.replace(
                        "{" + resolved.get("name").stringValue() + "}",
                        resolved.get("example").stringValue());
            }
        }
        assertThat(address).doesNotContain("{");
        return address;
    }

    private static List<JsonNode> examples(JsonNode media) {
        List<JsonNode> examples = new ArrayList<>();
        if (media.has("example")) {
            examples.add(media.get("example"));
        }
        media.path("examples").forEach(example -> examples.add(resolve(example).get("value")));
        return examples;
    }

    private static JsonNode resolve(JsonNode node) {
        return node.has("$ref") ? DOCUMENT.at(node.get("$ref").stringValue().substring(1)) : node;
    }

    private static JsonNode resource(String name) {
        try (InputStream stream = OpenApiTest.class.getResourceAsStream(name)) {
            return JSON.readTree(stream.readAllBytes());
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }
}
