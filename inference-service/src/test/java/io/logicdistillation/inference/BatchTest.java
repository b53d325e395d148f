package io.logicdistillation.inference;

import static org.assertj.core.api.Assertions.assertThat;

import io.logicdistillation.kit.Scope;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

class BatchTest extends ServiceTest {
    private static final String BATCHES = "/v1/tasks/maze/decision-batches";

    @Test
    void decidesEveryStateInItsOrder() {
        model.prefers("look_side", "walk_on");

        Answer answer = batch(states(40));

        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        JsonNode items = answer.body().path("items");
        assertThat(items.size()).isEqualTo(40);
        assertThat(answer.body().path("decided").asInt()).isEqualTo(40);
        for (int i = 0; i < 40; i++) {
            assertThat(items.path(i).path("index").asInt()).isEqualTo(i);
            assertThat(items.path(i).at("/decision/output/move").asString()).isEqualTo(i % 2 == 0 ? "east" : "west");
        }
        String id = items.at("/7/decision/id").asString();
        assertThat(get("/v1/decisions/" + id).body().at("/state/x").asInt()).isEqualTo(5);
    }

    @Test
    void letsAStateThatFailsKeepNoOtherFromItsDecision() {
        List<Object> states = new ArrayList<>(states(3));
        states.set(1, Map.of("x", 77, "goal", 5));

        JsonNode items = batch(states).body().path("items");

        assertThat(items.at("/0/decision/id").asString()).isNotEmpty();
        assertThat(items.at("/1/problem/type").asString()).endsWith("invalid-state");
        assertThat(items.at("/1/problem/pointer").asString()).isEqualTo("/x");
        assertThat(items.path(1).has("decision")).isFalse();
        assertThat(items.at("/2/decision/id").asString()).isNotEmpty();
    }

    @Test
    void streamsALinePerState() {
        Answer answer = post(BATCHES, body(states(5)), "Accept", "application/x-ndjson");

        assertThat(answer.headers().get("content-type")).startsWith("application/x-ndjson");
        List<JsonNode> lines = answer.text().lines().map(JSON::readTree).toList();
        assertThat(lines).extracting(line -> line.path("index").asInt()).containsExactly(0, 1, 2, 3, 4);
        assertThat(lines).allSatisfy(line -> assertThat(line.has("decision")).isTrue());
    }

    @Test
    void countsOnceUnderItsKey() {
        Answer first = post(BATCHES, body(states(3)), "Idempotency-Key", "batch-1");
        Answer again = post(BATCHES, body(states(3)), "Idempotency-Key", "batch-1");
        Answer other = post(BATCHES, body(states(4)), "Idempotency-Key", "batch-1");

        for (int i = 0; i < 3; i++) {
            assertThat(again.body().at("/items/" + i + "/decision/id"))
                    .isEqualTo(first.body().at("/items/" + i + "/decision/id"));
        }
        assertThat(other.problem()).isEqualTo("conflict");
    }

    @Test
    void stopsAtTheDeadlineOfTheBatch() {
        functionBase.finds("stumble", "fly", "spin");
        model.prefers("look_side", "spin");

        Answer answer = post(BATCHES, body(states(30)), "X-Deadline-Ms", "400");

        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        assertThat(answer.body().at("/items/29/problem/type").asString()).endsWith("upstream-timeout");
    }

    @Test
    void decidesNoMoreForAClientThatWentAway() throws IOException {
        functionBase.finds("spin", "walk_on", "rest");
        model.prefers("look_side", "spin", "walk_on");
        String body = body(states(200));
        try (Socket socket = new Socket("127.0.0.1", port)) {
            String head = "POST " + BATCHES + " HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer "
                    + tokens.mint(caller(TENANT, Scope.DECIDE))
                    + "\r\nAccept: application/x-ndjson\r\nContent-Type: application/json\r\nContent-Length: "
                    + body.length() + "\r\n\r\n";
            socket.getOutputStream().write((head + body).getBytes(StandardCharsets.UTF_8));
            socket.getInputStream().read(new byte[200]);
            socket.setSoLinger(true, 0);
        }

        Awaitility.await().atMost(Duration.ofSeconds(30)).until(this::isStill);
        assertThat(model.requests().size()).isLessThan(200);
    }

    private boolean isStill() throws InterruptedException {
        int before = model.requests().size();
        Thread.sleep(3_000);
        return model.requests().size() == before;
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {}                                           | invalid-request
            {"states": []}                               | invalid-request
            {"states": [null]}                           | invalid-request
            {"states": [7]}                              | invalid-request
            {"states": {"x": 1}}                         | invalid-request
            {"states": [{}], "mood": 1}                  | invalid-request
            {"states": [{}], "snapshot": "sha256:00"}    | unknown-snapshot
            """)
    void refusesWhatIsNoBatch(String body, String problem) {
        assertThat(post(BATCHES, body).problem()).isEqualTo(problem);
    }

    @Test
    void refusesMoreThanAThousandStatesAndCallersWithoutTheScope() {
        assertThat(batch(Collections.nCopies(1_001, Map.of("x", 1, "goal", 2))).problem())
                .isEqualTo("invalid-request");
        assertThat(send(caller(TENANT, Scope.VIEW), "POST", BATCHES, body(states(1)))
                        .status())
                .isEqualTo(403);
    }

    @Test
    void tellsOfEveryStageAsItIsDecided() {
        model.prefers("look_side", "walk_on");

        Answer answer = post(
                "/v1/tasks/maze/decisions",
                JSON.writeValueAsString(Map.of("state", Maze.STATE)),
                "Accept",
                "text/event-stream");

        assertThat(answer.headers().get("content-type")).startsWith("text/event-stream");
        List<String> events =
                answer.text().lines().filter(line -> line.startsWith("event: ")).toList();
        assertThat(events).containsExactly("event: stage", "event: stage", "event: decision");
        String decision = answer.text()
                .lines()
                .filter(line -> line.startsWith("data: "))
                .toList()
                .getLast();
        String id = JSON.readTree(decision.substring(6)).path("id").asString();
        assertThat(get("/v1/decisions/" + id).status()).isEqualTo(200);
    }

    /** As generated clients ask, which name every type that the document has. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            application/json, text/event-stream, application/problem+json | application/json
            text/event-stream, application/json                           | text/event-stream
            */*                                                           | application/json
            """)
    void answersInTheWayThatIsNamedFirst(String accepted, String expected) {
        Answer answer = post(
                "/v1/tasks/maze/decisions", JSON.writeValueAsString(Map.of("state", Maze.STATE)), "Accept", accepted);

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.headers().get("content-type")).startsWith(expected);
    }

    @Test
    void endsAStreamWithTheProblemAndStartsNoneWithOne() {
        functionBase.finds("stumble", "fly", "spin");
        model.prefers("look_side", "stumble", "fly");
        String state = JSON.writeValueAsString(Map.of("state", Maze.STATE));

        Answer late = post("/v1/tasks/maze/decisions", state, "Accept", "text/event-stream");
        Answer early = post("/v1/tasks/maze/decisions", "{\"state\": {}}", "Accept", "text/event-stream");

        assertThat(late.text())
                .contains("event: stage")
                .contains("event: problem")
                .contains("function-failed");
        assertThat(early.status()).isEqualTo(422);
        assertThat(early.problem()).isEqualTo("invalid-state");
    }

    private Answer batch(List<?> states) {
        return post(BATCHES, body(states));
    }

    private static String body(List<?> states) {
        return JSON.writeValueAsString(Map.of("states", states));
    }

    /** Alternately east and west of the goal. */
    private static List<Map<String, Object>> states(int count) {
        List<Map<String, Object>> states = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            states.add(i % 2 == 0 ? Map.of("x", 2, "goal", 5) : Map.of("x", 5, "goal", 2));
        }
        return states;
    }
}
