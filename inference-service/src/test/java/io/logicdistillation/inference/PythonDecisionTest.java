package io.logicdistillation.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.logicdistillation.contracts.FunctionDefinition;
import io.logicdistillation.contracts.PublishedFunction;
import io.logicdistillation.contracts.Snapshot;
import io.logicdistillation.contracts.StageDefinition;
import io.logicdistillation.contracts.Student;
import io.logicdistillation.contracts.TaskDefinition;
import io.logicdistillation.contracts.View;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** A task whose view and functions are in Python, beside one in JavaScript: decided, logged, replayed. */
class PythonDecisionTest extends ServiceTest {
    private static final String TASK = "parcel";
    private static final String DECISIONS = "/v1/tasks/parcel/decisions";
    private static final Map<String, Object> STATE =
            Map.of("items", List.of(Map.of("volume", 6), Map.of("volume", 5), Map.of("volume", 4)), "limit", 10);

    private static Student packer;

    @BeforeEach
    void publish() {
        functionBase.publish(TENANT, snapshot());
        if (packer == null) {
            packer = registry.add(TENANT, TASK, "packer", "ld");
        }
        registry.promote(packer);
        await().atMost(Duration.ofMinutes(2))
                .untilAsserted(() -> assertThat(pack().status()).isEqualTo(200));
    }

    private Answer pack() {
        return post(DECISIONS, JSON.writeValueAsString(Map.of("state", STATE)));
    }

    private static Snapshot snapshot() {
        TaskDefinition task = new TaskDefinition(
                TASK,
                null,
                "Pack the items into few boxes.",
                Map.of("type", "object", "required", List.of("items", "limit")),
                Map.of("type", "object", "required", List.of("boxes")),
                List.of(new StageDefinition("pack", "Choose how to pack.", 4, new View("python", """
                        def view(state, earlier):
                            return f"{len(state['items'])} items, a box holds {state['limit']}"
                        """), null)));
        List<PublishedFunction> functions = List.of(
                function("first_fit", "first", "python", """
                        import heapq

                        def run(state, earlier):
                            rooms = []
                            queue = [-item['volume'] for item in state['items']]
                            heapq.heapify(queue)
                            while queue:
                                volume = -heapq.heappop(queue)
                                for index, room in enumerate(rooms):
                                    if volume <= room:
                                        rooms[index] -= volume
                                        break
                                else:
                                    rooms.append(state['limit'] - volume)
                            return {'boxes': len(rooms)}
                        """),
                function(
                        "one_each",
                        "each",
                        "javascript",
                        "function run(state) { return {boxes: state.items.length}; }"),
                function("hang", "hang", "python", "def run(state, earlier):\n    while True: pass\n"),
                function("attack", "bite", "python", """
                        def run(state, earlier):
                            for made in ().__class__.__base__.__subclasses__():
                                if made.__name__ == '_wrap_close':
                                    return {'boxes': made.__init__.__globals__['system']('true')}
                        """));
        String hash = StubRegistry.sha256((task + functions.toString()).getBytes(StandardCharsets.UTF_8));
        Instant published = Instant.parse("2026-11-29T12:00:00Z");
        return new Snapshot("sha256:" + hash, TASK, 1, true, published, task, functions);
    }

    private static PublishedFunction function(String name, String handle, String language, String source) {
        FunctionDefinition definition =
                new FunctionDefinition(name, "pack", handle, "Packs by " + name + ".", language, source, List.of());
        return PublishedFunction.of(
                "sha256:" + StubRegistry.sha256(definition.toString().getBytes(StandardCharsets.UTF_8)), definition);
    }

    @Test
    void decidesByAFunctionInPythonAndReplaysIt() {
        model.prefers("first_fit");

        Answer answer = pack();

        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        JsonNode decided = answer.body();
        assertThat(decided.at("/output/boxes").asInt()).isEqualTo(2);
        assertThat(answer.stage(0).path("view").asString()).isEqualTo("3 items, a box holds 10");
        assertThat(answer.stage(0).path("chosen").asString()).isEqualTo("first_fit");
        Answer replay = post("/v1/decisions/" + decided.at("/id").asString() + "/replays", null);
        assertThat(replay.status()).as(replay.text()).isBetween(200, 201);
        assertThat(replay.text()).contains("\"boxes\":2");
    }

    @Test
    void takesTheRunnerUpWhereAFunctionInPythonHangsOrAttacks() {
        for (String failing : List.of("hang", "attack")) {
            model.prefers(failing, "one_each");

            Answer answer = pack();

            assertThat(answer.status()).as(answer.text()).isEqualTo(200);
            assertThat(answer.stage(0).path("decidedBy").asString()).isEqualTo("runner-up");
        }
    }
}
