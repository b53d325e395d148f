package io.logicdistillation.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.openapitools.openapidiff.core.OpenApiCompare;
import org.openapitools.openapidiff.core.model.ChangedOpenApi;
import org.openapitools.openapidiff.core.output.ConsoleRender;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What clients of the last release rely on still holds: {@code openapi-released.json} is the document as it was released. A
 * change that would break them needs a higher first number of {@code info.version} (CONTRIBUTING.md says how).
 */
class OpenApiCompatibilityTest {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final JsonNode RELEASED = resource("/openapi-released.json");
    private static final JsonNode CURRENT = resource("/static/v1/openapi.json");

    @Test
    void whatWasReleasedStillHolds() {
        if (!mayBreak(version(RELEASED), version(CURRENT))) {
            ChangedOpenApi changes = compare(RELEASED, CURRENT);
            assertThat(changes.isCompatible()).as(() -> told(changes)).isTrue();
        }
    }

    @Test
    void theVersionNeverFalls() {
        assertThat(Arrays.compare(numbers(version(CURRENT)), numbers(version(RELEASED))))
                .isNotNegative();
    }

    /** Before 1.0.0 the second number takes the first one's part, as everywhere in semantic versioning. */
    @ParameterizedTest
    @CsvSource({
        "1.4.2, 2.0.0, true",
        "1.4.2, 1.5.0, false",
        "1.4.2, 1.4.2, false",
        "0.1.0, 0.2.0, true",
        "0.1.0, 0.1.1, false",
        "0.9.0, 1.0.0, true",
        "2.0.0, 1.9.0, false"
    })
    void onlyAMajorVersionMayBreak(String released, String current, boolean mayBreak) {
        assertThat(mayBreak(released, current)).isEqualTo(mayBreak);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("breaks")
    void seesWhatWouldBreakAClient(String what, Consumer<ObjectNode> change) {
        assertThat(changed(change).isIncompatible()).isTrue();
    }

    static Stream<Arguments> breaks() {
        return Stream.of(
                change(
                        "an address is gone",
                        document -> object(document, "/paths").remove("/v1/tasks")),
                change(
                        "an operation is gone",
                        document ->
                                object(document, "/paths/~1v1~1tasks~1{task}").remove("delete")),
                change(
                        "a request needs more",
                        document -> array(document, "/components/schemas/DecisionRequest/required")
                                .add("student")),
                change(
                        "a parameter is needed",
                        document -> parameters(document)
                                .addObject()
                                .put("name", "board")
                                .put("in", "query")
                                .put("required", true)
                                .putObject("schema")
                                .put("type", "string")),
                change("a choice of a parameter is gone", document -> {
                    for (JsonNode parameter : parameters(document)) {
                        if (parameter.path("name").asString("").equals("X-Priority")) {
                            ((ArrayNode) parameter.at("/schema/enum")).remove(0);
                        }
                    }
                }),
                change("an answer lacks a member", document -> {
                    object(document, "/components/schemas/Decision/properties").remove("student");
                    ArrayNode required = array(document, "/components/schemas/Decision/required");
                    required.removeIf(name -> name.stringValue().equals("student"));
                }),
                change(
                        "a member of an answer may be missing",
                        document -> array(document, "/components/schemas/Decision/required")
                                .removeIf(name -> name.stringValue().equals("stages"))),
                change(
                        "a member of an answer has another type",
                        document -> object(document, "/components/schemas/Decision/properties/task")
                                .put("type", "integer")),
                change(
                        "a member of a request has another type",
                        document -> object(document, "/components/schemas/DecisionRequest/properties/student")
                                .put("type", "integer")),
                change(
                        "a successful answer is gone",
                        document -> object(document, "/paths/~1v1~1tasks~1{task}~1decisions/post/responses")
                                .remove("200")),
                change("a body is of another kind", document -> {
                    ObjectNode content =
                            object(document, "/paths/~1v1~1tasks~1{task}~1decisions/post/requestBody/content");
                    content.set("text/plain", content.remove("application/json"));
                }));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("additions")
    void letsThroughWhatClientsNeedNotKnow(String what, Consumer<ObjectNode> change) {
        ChangedOpenApi changes = changed(change);
        assertThat(changes.isUnchanged()).isFalse();
        assertThat(changes.isCompatible()).as(() -> told(changes)).isTrue();
    }

    static Stream<Arguments> additions() {
        return Stream.of(
                change(
                        "another operation",
                        document -> object(document, "/paths")
                                .putObject("/v1/boards")
                                .putObject("get")
                                .put("operationId", "listBoards")
                                .putObject("responses")
                                .putObject("200")
                                .put("description", "Boards")),
                change(
                        "another parameter that may be left out",
                        document -> parameters(document)
                                .addObject()
                                .put("name", "board")
                                .put("in", "query")
                                .putObject("schema")
                                .put("type", "string")),
                change(
                        "another member of an answer",
                        document -> object(document, "/components/schemas/Decision/properties")
                                .putObject("board")
                                .put("type", "string")),
                change(
                        "another member of a request that may be left out",
                        document -> object(document, "/components/schemas/DecisionRequest/properties")
                                .putObject("board")
                                .put("type", "string")),
                change(
                        "other words",
                        document -> object(document, "/paths/~1v1~1tasks/get").put("description", "In other words.")));
    }

    private static boolean mayBreak(String released, String current) {
        int[] before = numbers(released);
        int[] after = numbers(current);
        return after[0] > before[0] || (before[0] == 0 && after[0] == 0 && after[1] > before[1]);
    }

    private static int[] numbers(String version) {
        return Arrays.stream(version.split("\\.")).mapToInt(Integer::parseInt).toArray();
    }

    private static String version(JsonNode document) {
        return document.at("/info/version").stringValue();
    }

    private static Arguments change(String what, Consumer<ObjectNode> change) {
        return Arguments.of(what, change);
    }

    /** A few addresses are enough to see a change, and soon compared. */
    private static ChangedOpenApi changed(Consumer<ObjectNode> change) {
        ObjectNode before = (ObjectNode) CURRENT.deepCopy();
        object(before, "/paths").retain(Set.of("/v1/tasks", "/v1/tasks/{task}", "/v1/tasks/{task}/decisions"));
        ObjectNode after = before.deepCopy();
        change.accept(after);
        assertThat(after).isNotEqualTo(before);
        return compare(before, after);
    }

    private static ChangedOpenApi compare(JsonNode before, JsonNode after) {
        return OpenApiCompare.fromContents(
                asOfThreeZero(before).toString(), asOfThreeZero(after).toString());
    }

    /**
     * openapi-diff overlooks another type of a member in documents of 3.1, and sees it in those of 3.0. What 3.0 can not say is
     * left out: a value of several types is one of any.
     */
    private static JsonNode asOfThreeZero(JsonNode node) {
        JsonNode copy = node.deepCopy();
        if (copy instanceof ObjectNode document && document.has("openapi")) {
            document.put("openapi", "3.0.3");
        }
        simplify(copy);
        return copy;
    }

    private static void simplify(JsonNode node) {
        if (node instanceof ObjectNode object) {
            if (object.get("type") instanceof ArrayNode types) {
                List<String> named = types.valueStream()
                        .map(JsonNode::stringValue)
                        .filter(type -> !type.equals("null"))
                        .toList();
                object.remove("type");
                if (named.size() == 1) {
                    object.put("type", named.getFirst()).put("nullable", true);
                }
            }
            if (object.has("const") && !object.has("properties")) {
                object.putArray("enum").add(object.remove("const"));
            }
        }
        node.forEach(OpenApiCompatibilityTest::simplify);
    }

    private static String told(ChangedOpenApi changes) {
        ByteArrayOutputStream told = new ByteArrayOutputStream();
        new ConsoleRender().render(changes, new OutputStreamWriter(told, StandardCharsets.UTF_8));
        return told.toString(StandardCharsets.UTF_8);
    }

    private static ArrayNode parameters(JsonNode document) {
        return array(document, "/paths/~1v1~1tasks~1{task}~1decisions/post/parameters");
    }

    private static ObjectNode object(JsonNode document, String pointer) {
        return (ObjectNode) document.at(pointer);
    }

    private static ArrayNode array(JsonNode document, String pointer) {
        return (ArrayNode) document.at(pointer);
    }

    private static JsonNode resource(String name) {
        try (InputStream stream = OpenApiCompatibilityTest.class.getResourceAsStream(name)) {
            return JSON.readTree(stream);
        } catch (IOException broken) {
            throw new UncheckedIOException(broken);
        }
    }
}
