package io.logicdistillation.functionbase;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** What is too large, collides or makes no sense: a status, a stable type, a message that says what to do, and nothing half-stored. */
class BadInputTest extends ServiceTest {
    private static final String FUNCTIONS = "/v1/tasks/weather/functions";

    private final ObjectNode kite = Client.JSON.valueToTree(ToyTask.advice("kite", "kite", "Wind."));
    private final ObjectNode boots = Client.JSON.valueToTree(ToyTask.advice("boots", "boots", "Mud."));

    @BeforeEach
    void task() {
        assertThat(author.createTask(ToyTask.task()).status()).isEqualTo(201);
    }

    @Test
    void aSourceOrAManualThatIsTooLong() {
        refuses(
                List.of(boots, kite.deepCopy().put("source", "// " + "x".repeat(65_536))),
                400,
                "invalid-request",
                "source is longer than 65536 characters");
        refuses(
                List.of(boots, kite.deepCopy().put("manual", "x".repeat(1_001))),
                400,
                "invalid-request",
                "manual is longer than 1000 characters");
        refuses(
                List.of(boots, kite.deepCopy().put("manual", "x".repeat(1_000_000))),
                400,
                "invalid-request",
                "manual is longer than 1000 characters");
        refuses(
                List.of(boots, kite.deepCopy().put("manual", "x".repeat(1 << 20))),
                413,
                "too-large",
                "The body is larger than 1048576 bytes");
    }

    @Test
    void namesAndHandlesThatCollide() {
        refuses(
                List.of(boots, kite, kite.deepCopy().put("handle", "string")),
                400,
                "invalid-request",
                "Two functions of the list are named 'kite'");
        refuses(
                List.of(boots, kite, kite.deepCopy().put("name", "glider")),
                409,
                "conflict",
                "Handle 'kite' of stage 'advice' is shared by glider and kite");
    }

    @Test
    void aTestThatIsNone() {
        ObjectNode untested = kite.deepCopy();
        untested.putArray("tests").addNull();
        refuses(List.of(boots, untested), 400, "invalid-request", "tests holds null");
    }

    @Test
    void aLanguageThatNobodyHereSpeaks() {
        JsonNode problem = refuses(
                List.of(boots, kite.deepCopy().put("language", "cobol")),
                422,
                "invalid-function",
                "There is no check for sources in 'cobol'");
        assertThat(problem.get("function").asString()).isEqualTo("kite");
        assertThat(problem.get("cause").asString()).isEqualTo("forbidden-language");
    }

    @Test
    void schemasThatAreNoneOrGoInCircles() {
        for (String member : List.of("stateSchema", "outputSchema")) {
            refusesTask(member, "{\"type\": \"objekt\"}", "/" + member + "/type");
            refusesTask(member, "{\"$ref\": \"#\"}", "/" + member);
            refusesTask(
                    member, "{\"$ref\": \"#/$defs/a\", \"$defs\": {\"a\": {\"$ref\": \"#/$defs/a\"}}}", "/" + member);
        }
    }

    private JsonNode refuses(Object functions, int status, String problem, String message) {
        Client.Answer answer = author.post(FUNCTIONS, functions);
        assertThat(answer.status()).as(answer.response().body()).isEqualTo(status);
        assertThat(answer.problem()).isEqualTo(problem);
        assertThat(answer.json().get("detail").asString()).contains(message);
        assertThat(author.get(FUNCTIONS).json().get("items")).isEmpty();
        return answer.json();
    }

    private void refusesTask(String member, String schema, String pointer) {
        ObjectNode task = Client.JSON.valueToTree(ToyTask.task("another"));
        JsonNode examples = task.get("stateSchema").get("examples");
        ObjectNode odd = (ObjectNode) Client.JSON.readTree(schema);
        task.set(member, odd.set("examples", examples));
        Client.Answer answer = author.post("/v1/tasks", task);
        assertThat(answer.status()).as(answer.response().body()).isEqualTo(400);
        assertThat(answer.problem()).isEqualTo("invalid-request");
        assertThat(answer.json().get("pointer").asString())
                .as(answer.response().body())
                .startsWith(pointer);
        assertThat(author.get("/v1/tasks/another").problem()).isEqualTo("unknown-task");
    }
}
