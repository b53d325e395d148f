package io.logicdistillation.functionbase;

import static org.assertj.core.api.Assertions.assertThat;

import io.logicdistillation.contracts.FunctionDefinition;
import io.logicdistillation.contracts.FunctionTest;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** A task whose views and functions are told of the decisions before. */
class RememberingTaskTest extends ServiceTest {
    private static final String SNAPSHOTS = "/v1/tasks/weather/snapshots";
    private static final String VIEW =
            "function view(state, earlier) { return state.sky + ' after ' + earlier.steps.length + ' days'; }";

    private static ObjectNode task(int memory) {
        ObjectNode task = Client.JSON.valueToTree(ToyTask.task(ToyTask.NAME, VIEW));
        return task.put("memory", memory);
    }

    /** Says what it said the day before. */
    private static FunctionDefinition again() {
        Map<String, Object> day = Map.of("step", 1, "outputs", Map.of("advice", Map.of("advice", "kite")));
        return new FunctionDefinition(
                "again",
                "advice",
                "again",
                "Gives the advice of the day before. Use it when the weather stays.",
                "javascript",
                "function run(state, earlier) { const last = earlier.steps.at(-1);"
                        + " return last ? last.outputs.advice : {advice: 'boots'}; }",
                List.of(
                        new FunctionTest(
                                Map.of("sky", "grey"),
                                Map.of("mood", Map.of("mood", "dry"), "steps", List.of(day)),
                                Map.of("advice", "kite")),
                        new FunctionTest(
                                Map.of("sky", "grey"),
                                Map.of("mood", Map.of("mood", "dry"), "steps", List.of()),
                                Map.of("advice", "boots"))));
    }

    @Test
    void isPublishedWithItsMemoryAndVerifiedAsHavingOne() {
        assertThat(author.post("/v1/tasks", task(3)).status()).isEqualTo(201);
        assertThat(author.admit(ToyTask.functions()).status()).isEqualTo(201);
        Client.Answer admitted = author.admit(again());
        assertThat(admitted.status()).as(admitted.response().body()).isEqualTo(201);

        Client.Answer published = author.publish();

        assertThat(published.status()).as(published.response().body()).isEqualTo(201);
        assertThat(published.json().at("/definition/memory").asInt()).isEqualTo(3);
        assertThat(author.get("/v1/tasks/weather").json().get("memory").asInt()).isEqualTo(3);
        Client.Answer found = author.post(
                "/v1/tasks/weather/searches", Map.of("stage", "advice", "state", Map.of("sky", "rain"), "k", 2));
        assertThat(found.status()).as(found.response().body()).isEqualTo(200);
    }

    @Test
    void isAnotherSnapshotThanWithoutAndNoneIsNone() {
        author.createTask(ToyTask.task());
        author.admit(ToyTask.functions());
        String without = author.publish().json().get("snapshot").asString();
        ObjectNode task = Client.JSON.valueToTree(ToyTask.task());

        author.put("/v1/tasks/weather", task.put("memory", 0));
        assertThat(author.publish().json().get("snapshot").asString()).isEqualTo(without);

        author.put("/v1/tasks/weather", task.put("memory", 2));
        String with = author.publish().json().get("snapshot").asString();
        assertThat(with).isNotEqualTo(without);
        JsonNode diff =
                author.get(SNAPSHOTS + "/" + without + "/diff?to=" + with).json();
        assertThat(diff.get("definition").toString()).contains("memory");
    }

    @Test
    void isRefusedOutsideOfItsBoundsAndWithAStageOfTheReservedName() {
        for (int wrong : new int[] {-1, 21}) {
            Client.Answer answer = author.post("/v1/tasks", task(wrong));
            assertThat(answer.status()).isEqualTo(400);
            assertThat(answer.problem()).isEqualTo("invalid-request");
            assertThat(answer.json().get("pointer").asString()).isEqualTo("/memory");
        }
        assertThat(author.post("/v1/tasks", task(1).put("memory", "many")).status())
                .isEqualTo(400);
        ObjectNode reserved = task(1);
        ((ObjectNode) reserved.at("/stages/0")).put("name", "steps");
        assertThat(author.post("/v1/tasks", reserved).problem()).isEqualTo("invalid-request");
        assertThat(author.post("/v1/tasks", reserved.put("memory", 0)).status()).isEqualTo(201);
    }
}
