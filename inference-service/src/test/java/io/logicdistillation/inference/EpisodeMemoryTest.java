package io.logicdistillation.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.logicdistillation.contracts.PublishedFunction;
import io.logicdistillation.contracts.Snapshot;
import io.logicdistillation.contracts.StageDefinition;
import io.logicdistillation.contracts.Student;
import io.logicdistillation.contracts.TaskDefinition;
import io.logicdistillation.contracts.View;
import io.logicdistillation.kit.Scope;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** A hunter that remembers its last three decisions and keeps to the target that it hunted before. */
class EpisodeMemoryTest extends ServiceTest {
    private static final String TASK = "trail";
    private static final String DECISIONS = "/v1/tasks/trail/decisions";
    private static final String BATCHES = "/v1/tasks/trail/decision-batches";
    private static final int REMEMBERED = 3;

    private static Student tracker;

    private final String episode = UUID.randomUUID().toString();

    @BeforeEach
    void publish() {
        functionBase.publish(TENANT, snapshot());
        if (tracker == null) {
            tracker = registry.add(TENANT, TASK, "tracker", "ld");
        }
        registry.promote(tracker);
        await().atMost(Duration.ofMinutes(2))
                .untilAsserted(() -> assertThat(hunt("a", null).path("output").isMissingNode())
                        .isFalse());
        model.prefers("keep", "go");
    }

    @AfterEach
    void redactNothing() {
        redact(List.of());
    }

    private static Snapshot snapshot() {
        String lastHunted = "const last = earlier.steps.at(-1); ";
        TaskDefinition task = new TaskDefinition(
                TASK,
                null,
                "I hunt on a plain.",
                Map.of("type", "object", "required", List.of("near")),
                Map.of("type", "object", "required", List.of("move")),
                List.of(
                        new StageDefinition(
                                "target",
                                "Choose whom to hunt.",
                                4,
                                new View("javascript", "function view(state, earlier) { " + lastHunted + """
                                        return last ? `I hunted ${last.outputs.target.target} in step ${last.step}.` : 'I hunted nobody.';
                                        }"""),
                                Map.of("type", "object")),
                        new StageDefinition("move", "Choose how to move.", 4, null, null)),
                REMEMBERED);
        List<PublishedFunction> functions = List.of(
                Maze.function(
                        "keep",
                        "target",
                        "keep",
                        "Keeps to the target of before.",
                        lastHunted + "return {target: last ? last.outputs.target.target : state.near};"),
                Maze.function("nearest", "target", "near", "Takes the nearest.", "return {target: state.near};"),
                Maze.function(
                        "go",
                        "move",
                        "go",
                        "Goes there.",
                        "return {move: earlier.target.target, before: earlier.steps.map(each => each.step)};"),
                Maze.function(
                        "shout", "move", "loud", "Shouts.", "return {move: 'stay', shouted: 'x'.repeat(30000)};"));
        String hash = StubRegistry.sha256((task + functions.toString()).getBytes(StandardCharsets.UTF_8));
        Instant published = Instant.parse("2026-11-29T12:00:00Z");
        return new Snapshot("sha256:" + hash, TASK, 1, true, published, task, functions);
    }

    private Answer hunting(String near, String episode, Map<String, String> choices, String... headers) {
        Map<String, Object> body = new HashMap<>(Map.of("state", Map.of("near", near), "choices", choices));
        if (episode != null) {
            body.put("episode", episode);
        }
        return post(DECISIONS, JSON.writeValueAsString(body), headers);
    }

    private JsonNode hunt(String near, String episode) {
        return hunting(near, episode, Map.of()).body();
    }

    private void redact(List<String> pointers) {
        Answer done = send(
                caller(TENANT, Scope.OPERATE),
                "PUT",
                "/v1/tasks/trail/decision-log",
                JSON.writeValueAsString(Map.of("redactions", pointers)));
        assertThat(done.status()).as(done.text()).isEqualTo(200);
    }

    private static List<Integer> steps(JsonNode decision) {
        return decision.at("/memory/steps")
                .valueStream()
                .map(step -> step.path("step").asInt())
                .toList();
    }

    @Test
    void keepsToTheTargetThatItHuntedBefore() {
        JsonNode first = hunt("a", episode);
        JsonNode second = hunt("b", episode);
        JsonNode third = hunt("c", episode);

        assertThat(first.at("/memory/step").asInt()).isEqualTo(1);
        assertThat(first.at("/memory/steps").isEmpty()).isTrue();
        assertThat(first.at("/stages/0/view").asString()).isEqualTo("I hunted nobody.");
        assertThat(second.at("/output/move").asString()).isEqualTo("a");
        assertThat(third.at("/output/move").asString()).isEqualTo("a");
        assertThat(third.at("/output/before").toString()).isEqualTo("[1,2]");
        assertThat(third.at("/stages/0/view").asString()).isEqualTo("I hunted a in step 2.");
        assertThat(third.at("/memory/step").asInt()).isEqualTo(3);
        assertThat(third.at("/memory/steps/0/decision")).isEqualTo(first.path("id"));
        assertThat(third.at("/memory/steps/0/outputs/target/target").asString()).isEqualTo("a");
        assertThat(third.at("/memory/steps/1/outputs/move/move").asString()).isEqualTo("a");
        assertThat(get("/v1/decisions/" + third.path("id").asString()).body().path("memory"))
                .isEqualTo(third.path("memory"));
    }

    @Test
    void remembersTheLastOnesThatItsTaskAsksForOldestFirst() {
        for (int i = 1; i <= 4; i++) {
            hunt("a", episode);
        }

        JsonNode fifth = hunt("a", episode);

        assertThat(steps(fifth)).containsExactly(2, 3, 4);
        assertThat(fifth.at("/memory/step").asInt()).isEqualTo(5);
    }

    @Test
    void tellsOfNothingWithoutAnEpisode() {
        hunt("a", null);

        JsonNode second = hunt("b", null);

        assertThat(second.at("/output/move").asString()).isEqualTo("b");
        assertThat(second.at("/output/before").toString()).isEqualTo("[]");
        assertThat(second.has("memory")).isFalse();
    }

    @Test
    void knowsNothingOfAnotherTenantsEpisodeNorOfAnotherTasks() {
        functionBase.publish("poacher", snapshot());
        assertThat(imposed("poacher", "z").at("/output/move").asString()).isEqualTo("z");
        assertThat(decide(Map.of("state", Maze.STATE, "episode", episode)).status())
                .isEqualTo(200);

        JsonNode ours = hunt("a", episode);

        assertThat(ours.at("/memory/step").asInt()).isEqualTo(1);
        assertThat(ours.at("/output/move").asString()).isEqualTo("a");
    }

    @Test
    void replaysAndWeighsAlternativesAsItRememberedThenEvenWhereThatIsErased() throws SQLException {
        String first = hunt("a", episode).path("id").asString();
        String second = hunt("b", episode).path("id").asString();
        erase(first);

        Answer replay = post("/v1/decisions/" + second + "/replays", null);
        Answer others = post("/v1/decisions/" + second + "/counterfactuals", null);
        JsonNode third = hunt("c", episode);

        assertThat(replay.body().path("same").asBoolean()).as(replay.text()).isTrue();
        assertThat(replay.body().at("/output/move").asString()).isEqualTo("a");
        assertThat(others.body().at("/counterfactuals/0/function").asString()).isEqualTo("nearest");
        assertThat(others.body().at("/counterfactuals/0/output/move").asString())
                .as(others.text())
                .isEqualTo("b");
        assertThat(steps(third)).containsExactly(2);
    }

    /** As the retention does. */
    private static void erase(String id) throws SQLException {
        try (Connection connection = DriverManager.getConnection(database.url(), database.user(), database.password());
                Statement statement = connection.createStatement()) {
            statement.execute("SET platform.tenant = '" + TENANT + "'");
            assertThat(statement.executeUpdate("DELETE FROM decisions WHERE id = '" + id + "'"))
                    .isEqualTo(1);
        }
    }

    @Test
    void startsAnewWhereTheTenantWasErased() {
        functionBase.publish("hermit", snapshot());
        imposed("hermit", "a");
        assertThat(imposed("hermit", "b").at("/output/move").asString()).isEqualTo("a");
        Answer erased = send(caller("hermit", Scope.ADMIN), "DELETE", "/v1/decision-log", null);
        assertThat(erased.status()).as(erased.text()).isEqualTo(200);

        JsonNode next = imposed("hermit", "c");

        assertThat(next.at("/memory/step").asInt()).isEqualTo(1);
        assertThat(next.at("/output/move").asString()).isEqualTo("c");
    }

    /** By a tenant that has no student: the choices are the ones that ours makes here. */
    private JsonNode imposed(String tenant, String near) {
        Map<String, Object> body = Map.of(
                "state", Map.of("near", near), "episode", episode, "choices", Map.of("target", "keep", "move", "go"));
        return send(caller(tenant, Scope.DECIDE), "POST", DECISIONS, JSON.writeValueAsString(body))
                .body();
    }

    @Test
    void countsARepeatedRequestOnce() {
        Answer first = hunting("a", episode, Map.of(), "Idempotency-Key", "hunt-" + episode);
        Answer again = hunting("a", episode, Map.of(), "Idempotency-Key", "hunt-" + episode);

        assertThat(again.body().path("id")).isEqualTo(first.body().path("id"));
        assertThat(again.body().path("memory")).isEqualTo(first.body().path("memory"));
        assertThat(steps(hunt("b", episode))).containsExactly(1);
    }

    @Test
    void decisionsAtTheSameTimeDoNotKnowOfEachOtherAndAreBothRemembered() {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<CompletableFuture<JsonNode>> all = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                all.add(CompletableFuture.supplyAsync(() -> hunt("a", episode), threads));
            }
            assertThat(all).allSatisfy(each -> {
                int step = each.join().at("/memory/step").asInt();
                assertThat(step).isBetween(1, 8);
                assertThat(steps(each.join()))
                        .allSatisfy(before -> assertThat(before).isLessThan(step));
            });
        }

        JsonNode next = hunt("b", episode);

        assertThat(steps(next)).hasSize(REMEMBERED);
        assertThat(next.at("/output/move").asString()).isEqualTo("a");
    }

    @Test
    void statesOfABatchKnowOfThoseBeforeThem() {
        List<Object> states = List.of(Map.of("near", "a"), Map.of("near", "b"), Map.of("far", 1), Map.of("near", "c"));
        String body = JSON.writeValueAsString(Map.of("states", states, "episode", episode));

        Answer batch = post(BATCHES, body, "Idempotency-Key", "batch-" + episode);
        Answer again = post(BATCHES, body, "Idempotency-Key", "batch-" + episode);

        JsonNode items = batch.body().path("items");
        assertThat(items.at("/0/decision/memory/step").asInt()).as(batch.text()).isEqualTo(1);
        assertThat(items.at("/1/decision/output/move").asString()).isEqualTo("a");
        assertThat(items.at("/2/problem/type").asString()).endsWith("invalid-state");
        assertThat(items.at("/3/decision/output/move").asString()).isEqualTo("a");
        assertThat(steps(items.at("/3/decision"))).containsExactly(1, 2);
        assertThat(again.body().at("/items/3/decision/id")).isEqualTo(items.at("/3/decision/id"));
        assertThat(hunt("d", episode).at("/memory/step").asInt()).isEqualTo(4);
    }

    @Test
    void remembersNothingThatTheLogMayNotHold() {
        hunt("a", episode);
        redact(List.of("/stages/0/output/target"));

        JsonNode second = hunting("b", episode, Map.of("target", "nearest")).body();

        assertThat(second.at("/memory/steps/0/outputs/target").toString()).isEqualTo("{}");
        assertThat(second.at("/memory/steps/0/outputs/move/move").asString()).isEqualTo("a");
        assertThat(second.at("/stages/0/view").asString()).isEqualTo("I hunted undefined in step 1.");
        String id = second.path("id").asString();
        assertThat(get("/v1/decisions/" + id)
                        .body()
                        .at("/memory/steps/0/outputs/target")
                        .toString())
                .isEqualTo("{}");
    }

    @Test
    void letsTheOldestGoWhereOutputsAreLong() {
        for (int i = 0; i < REMEMBERED; i++) {
            assertThat(hunting("a", episode, Map.of("move", "shout")).status()).isEqualTo(200);
        }

        JsonNode next = hunt("b", episode);

        assertThat(steps(next)).containsExactly(2, 3);
        assertThat(next.at("/output/move").asString()).isEqualTo("a");
    }

    @Test
    void examinesACorrectionOnWhatWasRemembered() {
        hunt("a", episode);
        String second = hunting("b", episode, Map.of("target", "nearest"))
                .body()
                .path("id")
                .asString();

        Answer taken = post("/v1/decisions/" + second + "/feedback", "{\"stage\":\"target\",\"correction\":\"keep\"}");

        assertThat(taken.status()).as(taken.text()).isEqualTo(201);
        assertThat(get("/v1/tasks/trail/corrections").text()).contains("I hunted a in step 1.");
    }
}
