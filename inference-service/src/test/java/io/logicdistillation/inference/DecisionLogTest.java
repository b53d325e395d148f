package io.logicdistillation.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.logicdistillation.kit.Scope;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class DecisionLogTest extends ServiceTest {
    @Test
    void givesBackADecisionWithItsState() {
        String state = "{\"x\":2,\"goal\":5,\"note\":\"zzz first\"}";
        JsonNode made =
                post("/v1/tasks/maze/decisions", "{\"state\":" + state + "}").body();

        Answer logged = get("/v1/decisions/" + made.path("id").asString());

        assertThat(logged.status()).isEqualTo(200);
        assertThat(logged.body().path("state").toString()).isEqualTo(state);
        assertThat(logged.body().path("stages")).isEqualTo(made.path("stages"));
        assertThat(logged.body().path("output")).isEqualTo(made.path("output"));
        assertThat(logged.body().path("decidedAt")).isEqualTo(made.path("decidedAt"));
    }

    @Test
    void knowsNoDecisionThatWasNotMade() {
        assertThat(get("/v1/decisions/" + UUID.randomUUID()).problem()).isEqualTo("unknown-decision");
        assertThat(get("/v1/decisions/no-id").problem()).isEqualTo("unknown-decision");
    }

    @Test
    void pagesThroughAnEpisodeNewestFirst() {
        String episode = UUID.randomUUID().toString();
        List<String> made = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            made.add(decide(Map.of("state", Maze.STATE, "episode", episode))
                    .body()
                    .path("id")
                    .asString());
        }
        decide();

        List<String> read = new ArrayList<>();
        String cursor = "";
        int pages = 0;
        do {
            JsonNode page = get("/v1/tasks/maze/decisions?limit=2&episode=" + episode
                            + (cursor.isEmpty() ? "" : "&cursor=" + cursor))
                    .body();
            page.path("items").forEach(item -> read.add(item.path("id").asString()));
            cursor = page.path("next").asString("");
            pages++;
        } while (!cursor.isEmpty());

        assertThat(pages).isEqualTo(3);
        assertThat(read).isEqualTo(made.reversed());
    }

    @Test
    void refusesPagesThatCannotBe() {
        assertThat(get("/v1/tasks/maze/decisions?limit=0").problem()).isEqualTo("invalid-request");
        assertThat(get("/v1/tasks/maze/decisions?limit=many").problem()).isEqualTo("invalid-request");
        assertThat(get("/v1/tasks/maze/decisions?cursor=x").problem()).isEqualTo("invalid-request");
        assertThat(get("/v1/tasks/maze/decisions?episode=x").problem()).isEqualTo("invalid-request");
    }

    @Test
    void showsATenantItsOwnDecisionsAlone() {
        String id = decide().body().path("id").asString();

        assertThat(send(caller("other", Scope.VIEW), "GET", "/v1/decisions/" + id, null)
                        .problem())
                .isEqualTo("unknown-decision");
        assertThat(send(caller("other", Scope.VIEW), "GET", "/v1/tasks/maze/decisions", null)
                        .body()
                        .path("items")
                        .size())
                .isZero();
        assertThat(send(
                                caller("other", Scope.DECIDE),
                                "POST",
                                "/v1/tasks/maze/decisions",
                                "{\"state\":{\"x\":2,\"goal\":5}}")
                        .problem())
                .isEqualTo("unknown-task");
    }

    @Test
    void hidesOtherTenantsRowsEvenFromAQueryThatForgetsToAsk() throws SQLException {
        decide();

        try (Connection connection = DriverManager.getConnection(database.url(), database.user(), database.password());
                Statement statement = connection.createStatement()) {
            assertThat(count(statement)).isZero();
            statement.execute("SET platform.tenant = 'rival'");
            assertThat(count(statement)).isZero();
            statement.execute("SET platform.tenant = '" + TENANT + "'");
            assertThat(count(statement)).isPositive();
        }
    }

    private static int count(Statement statement) throws SQLException {
        try (ResultSet rows = statement.executeQuery("SELECT count(*) FROM decisions")) {
            rows.next();
            return rows.getInt(1);
        }
    }

    @Test
    void answersTheSameRequestWithTheSameDecision() {
        String key = UUID.randomUUID().toString();

        Answer first = decide(Map.of("state", Maze.STATE), "Idempotency-Key", key);
        Answer second = post("/v1/tasks/maze/decisions", "{\"state\":{\"goal\":5,\"x\":2}}", "Idempotency-Key", key);
        Answer other = decide(Map.of("state", Map.of("x", 1, "goal", 5)), "Idempotency-Key", key);

        assertThat(second.status()).isEqualTo(200);
        assertThat(second.body().path("id")).isEqualTo(first.body().path("id"));
        assertThat(second.body().path("stages")).isEqualTo(first.body().path("stages"));
        assertThat(second.body().has("state")).isFalse();
        assertThat(other.status()).isEqualTo(409);
        assertThat(other.problem()).isEqualTo("conflict");
    }

    @Test
    void logsOneDecisionWhenOneRequestComesManyTimesAtOnce() throws InterruptedException {
        String key = UUID.randomUUID().toString();
        List<String> ids = Collections.synchronizedList(new ArrayList<>());
        List<Thread> clients = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            clients.add(Thread.startVirtualThread(() ->
                    ids.add(decide(Map.of("state", Maze.STATE), "Idempotency-Key", key)
                            .body()
                            .path("id")
                            .asString())));
        }
        for (Thread client : clients) {
            client.join();
        }

        assertThat(ids).hasSize(8);
        assertThat(ids.stream().distinct()).hasSize(1);
    }

    @Test
    void refusesAKeyThatIsNone() {
        assertThat(decide(Map.of("state", Maze.STATE), "Idempotency-Key", "a b").problem())
                .isEqualTo("invalid-request");
    }

    @Test
    void answers503WhileTheLogIsGoneAndWorksAgainWhenItIsBack() {
        decide();
        gate.set(DatabaseGate.State.CLOSED);

        long start = System.nanoTime();
        Answer gone = decide();
        Duration took = Duration.ofNanos(System.nanoTime() - start);
        Answer list = get("/v1/tasks/maze/decisions");

        assertThat(gone.status()).isEqualTo(503);
        assertThat(gone.problem()).isEqualTo("unavailable");
        assertThat(gone.headers()).containsKey("retry-after");
        // Two seconds to give up on the pool, and some for a busy machine.
        assertThat(took).isLessThan(Duration.ofSeconds(6));
        assertThat(list.status()).isEqualTo(503);
        assertThat(get("/actuator/health/readiness").status()).isEqualTo(503);
        assertThat(get("/actuator/health/liveness").status()).isEqualTo(200);

        gate.set(DatabaseGate.State.OPEN);
        await().atMost(Duration.ofSeconds(10))
                .untilAsserted(() -> assertThat(decide().status()).isEqualTo(200));
    }

    /** As Postgres says it; the rest of the way, from the driver on, is that of a disk that is really full. */
    @Test
    void givesNoDecisionUnloggedWhileTheDiskOfPostgresIsFull() throws SQLException {
        Answer before = decide();
        execute("""
                CREATE FUNCTION disk_full() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN
                    RAISE EXCEPTION 'could not extend file "base/1/2": No space left on device' USING ERRCODE = 'disk_full';
                END $$
                """);
        execute("CREATE TRIGGER disk_full BEFORE INSERT ON decisions FOR EACH ROW EXECUTE FUNCTION disk_full()");
        try {
            Answer full = decide();
            assertThat(full.status()).as(full.text()).isEqualTo(503);
            assertThat(full.problem()).isEqualTo("unavailable");
            assertThat(full.headers()).containsKey("retry-after");
            assertThat(full.text()).doesNotContain("base/1/2");
            Answer read = get("/v1/decisions/" + before.body().path("id").asString());
            assertThat(read.status()).as("what was logged can be read").isEqualTo(200);
            assertThat(get("/actuator/health/liveness").status()).isEqualTo(200);
        } finally {
            execute("DROP FUNCTION disk_full() CASCADE");
        }
        assertThat(decide().status()).isEqualTo(200);
    }

    @Test
    void answers503WhenTheDatabaseHangs() {
        decide();
        gate.set(DatabaseGate.State.SILENT);

        long start = System.nanoTime();
        Answer hanging = decide();
        Duration took = Duration.ofNanos(System.nanoTime() - start);
        gate.set(DatabaseGate.State.OPEN);

        assertThat(hanging.status()).as(hanging.text()).isEqualTo(503);
        assertThat(took).isLessThan(Duration.ofSeconds(10));
        await().atMost(Duration.ofSeconds(10))
                .untilAsserted(() -> assertThat(decide().status()).isEqualTo(200));
    }

    private static void execute(String statement) throws SQLException {
        try (Connection connection = DriverManager.getConnection(database.url(), database.user(), database.password());
                Statement sql = connection.createStatement()) {
            sql.execute(statement);
        }
    }
}
