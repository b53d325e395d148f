package io.logicdistillation.functionbase;

import static org.assertj.core.api.Assertions.assertThat;

import io.logicdistillation.contracts.TaskDefinition;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

class TaskLifeCycleTest extends ServiceTest {
    @Test
    void aTaskIsCreatedReadReplacedAndRemoved() {
        TaskDefinition task = ToyTask.task();
        Client.Answer created = author.createTask(task);
        assertThat(created.status()).isEqualTo(201);
        assertThat(created.header("Location")).isEqualTo("/v1/tasks/weather");
        assertThat(author.get("/v1/tasks/weather").json()).isEqualTo(Client.JSON.valueToTree(task));

        TaskDefinition other = ToyTask.task(ToyTask.NAME);
        assertThat(author.put("/v1/tasks/weather", other).status()).isEqualTo(200);
        assertThat(author.get("/v1/tasks/weather").json()).isEqualTo(Client.JSON.valueToTree(other));

        assertThat(author.delete("/v1/tasks/weather").status()).isEqualTo(204);
        assertThat(author.get("/v1/tasks/weather").problem()).isEqualTo("unknown-task");
        assertThat(author.delete("/v1/tasks/weather").problem()).isEqualTo("unknown-task");
    }

    @Test
    void putCreatesATaskToo() {
        assertThat(author.put("/v1/tasks/weather", ToyTask.task()).status()).isEqualTo(201);
        assertThat(author.put("/v1/tasks/other", ToyTask.task()).problem()).isEqualTo("invalid-request");
    }

    @Test
    void creatingTheSameTaskAgainIsHarmlessButAnotherOfItsNameIsAConflict() {
        author.createTask(ToyTask.task());
        assertThat(author.createTask(ToyTask.task()).status()).isEqualTo(200);
        assertThat(author.createTask(ToyTask.task(ToyTask.NAME)).problem()).isEqualTo("conflict");
    }

    @Test
    void aSchemaThatIsNoneIsRefusedWithItsPointer() {
        ObjectNode task = Client.JSON.valueToTree(ToyTask.task());
        ((ObjectNode) task.get("stateSchema")).put("type", "objekt");
        Client.Answer answer = author.post("/v1/tasks", task);
        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.problem()).isEqualTo("invalid-request");
        assertThat(answer.json().get("pointer").asString()).isEqualTo("/stateSchema/type");
    }

    @Test
    void anExampleThatIsNoStateIsRefusedWithItsPointer() {
        ObjectNode task = Client.JSON.valueToTree(ToyTask.task());
        ((ObjectNode) task.get("stateSchema").get("examples").get(1)).put("sky", 7);
        Client.Answer answer = author.post("/v1/tasks", task);
        assertThat(answer.problem()).isEqualTo("invalid-request");
        assertThat(answer.json().get("pointer").asString()).isEqualTo("/stateSchema/examples/1/sky");
    }

    @Test
    void schemasThatNeverEndOrReachElsewhereAreRefused() {
        for (String schema : List.of(
                "{\"$ref\":\"#\"}",
                "{\"$ref\":\"https://example.org/elsewhere.json\"}",
                "{\"$ref\":\"#/$defs/none\"}",
                "{\"$schema\":\"http://json-schema.org/draft-07/schema#\"}")) {
            ObjectNode task = Client.JSON.valueToTree(ToyTask.task());
            ObjectNode stateSchema = (ObjectNode) Client.JSON.readTree(schema);
            stateSchema.set("examples", task.get("stateSchema").get("examples"));
            task.set("stateSchema", stateSchema);
            Client.Answer answer = author.post("/v1/tasks", task);
            assertThat(answer.status()).as(schema + answer.response().body()).isEqualTo(400);
            assertThat(answer.problem()).isEqualTo("invalid-request");
        }
    }

    /** In a part that no example has, so that only the states that are made from the schema come upon it. */
    @Test
    void schemasThatGoInCirclesStopNobody() {
        for (String odd : List.of("a", "c", "d", "tree")) {
            ObjectNode task = Client.JSON.valueToTree(ToyTask.task("weather"));
            ObjectNode schema = (ObjectNode) task.get("stateSchema");
            schema.set("$defs", Client.JSON.readTree("""
                    {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/a"},
                     "c": {"oneOf": [{"$ref": "#/$defs/c"}]}, "d": {"allOf": [{"$ref": "#/$defs/d"}]},
                     "tree": {"type": "object", "properties": {"left": {"$ref": "#/$defs/tree"}, "right": {"$ref": "#/$defs/tree"}}}}
                    """));
            ((ObjectNode) schema.get("properties")).putObject("odd").put("$ref", "#/$defs/" + odd);
            Client.Answer put = author.put("/v1/tasks/weather", task);
            assertThat(put.status()).as(odd + put.response().body()).isIn(200, 201, 400);
            if (put.status() == 400) {
                assertThat(put.problem()).isEqualTo("invalid-request");
            } else {
                Client.Answer admitted = author.admit(ToyTask.mood("soaked_" + odd, "wet" + odd, "wet"));
                assertThat(admitted.status())
                        .as(odd + admitted.response().body())
                        .isEqualTo(201);
            }
        }
        assertThat(author.get("/v1/tasks/weather").status()).isEqualTo(200);
    }

    @Test
    void badInputIsAProblemAndNeverAnError() {
        for (String body : List.of(
                "",
                "{",
                "[]",
                "7",
                "{\"name\":\"weather\"}",
                "{\"name\":\"../x\"}",
                "{\"surprise\":1}",
                Client.JSON.writeValueAsString(ToyTask.task()).replace("Advise on clothing.", "nul \\u0000"),
                Client.JSON.writeValueAsString(ToyTask.task()).replace("Advise on clothing.", "half \\ud800"),
                Client.JSON.writeValueAsString(ToyTask.task()).replace(":25", ":1e9999"))) {
            Client.Answer answer = author.postText("/v1/tasks", body);
            assertThat(answer.status()).as(body + answer.response().body()).isEqualTo(400);
            assertThat(answer.header("Content-Type")).startsWith("application/problem+json");
        }
        assertThat(author.get("/v1/nothing").problem()).isEqualTo("not-found");
        assertThat(author.delete("/v1/tasks").problem()).isEqualTo("method-not-allowed");
        assertThat(author.postText("/v1/tasks", "{\"rules\":\"" + "x".repeat(1_100_000) + "\"}")
                        .problem())
                .isEqualTo("too-large");
    }

    @Test
    void aStageThatHasFunctionsStays() {
        author.createTask(ToyTask.task());
        author.admit(ToyTask.mood("soaked", "wet", "wet"));
        TaskDefinition task = ToyTask.task();
        TaskDefinition without = new TaskDefinition(
                task.name(),
                null,
                task.rules(),
                task.stateSchema(),
                task.outputSchema(),
                List.of(task.stage("advice")));
        assertThat(author.put("/v1/tasks/weather", without).problem()).isEqualTo("conflict");
    }

    @Test
    void listsArePaged() {
        List<String> names = List.of("a1", "b2", "c3", "d4", "e5");
        names.forEach(name -> author.createTask(ToyTask.task(name)));
        List<String> seen = new ArrayList<>();
        String cursor = "";
        do {
            JsonNode page = author.get("/v1/tasks?limit=2" + cursor).json();
            page.get("items").forEach(task -> seen.add(task.get("name").asString()));
            cursor = page.has("next") ? "&cursor=" + page.get("next").asString() : null;
        } while (cursor != null);
        assertThat(seen).isEqualTo(names);
        for (String query : List.of("limit=0", "limit=201", "limit=x", "cursor=%21", "cursor=AA")) {
            assertThat(author.get("/v1/tasks?" + query).problem()).as(query).isEqualTo("invalid-request");
        }
    }

    @Test
    void readersReadAndDoNotChange() {
        author.createTask(ToyTask.task());
        assertThat(reader().get("/v1/tasks/weather").status()).isEqualTo(200);
        assertThat(reader().createTask(ToyTask.task("another")).problem()).isEqualTo("forbidden");
        assertThat(reader().delete("/v1/tasks/weather").problem()).isEqualTo("forbidden");
        assertThat(reader().admit(ToyTask.functions()).problem()).isEqualTo("forbidden");
        assertThat(reader().publish().problem()).isEqualTo("forbidden");
    }

    @Test
    void tenantsDoNotSeeEachOther() {
        author.createTask(ToyTask.task());
        Client stranger = stranger();
        assertThat(stranger.get("/v1/tasks/weather").problem()).isEqualTo("unknown-task");
        assertThat(stranger.get("/v1/tasks").json().get("items")).isEmpty();
        assertThat(stranger.delete("/v1/tasks/weather").problem()).isEqualTo("unknown-task");
        assertThat(stranger.createTask(ToyTask.task(ToyTask.NAME)).status()).isEqualTo(201);
        assertThat(author.get("/v1/tasks/weather").json()).isEqualTo(Client.JSON.valueToTree(ToyTask.task()));
        assertThat(stranger.post("/v1/tasks/weather/searches", Map.of("stage", "mood", "view", "x"))
                        .problem())
                .isEqualTo("unknown-snapshot");
    }
}
