package io.logicdistillation.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.logicdistillation.kit.Scope;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.beans.factory.annotation.Autowired;
import tools.jackson.databind.JsonNode;

class FeedbackTest extends ServiceTest {
    @Autowired
    private MeterRegistry meters;

    private final String episode = UUID.randomUUID().toString();
    private String id = "";

    @BeforeEach
    void decideOnce() {
        functionBase.finds("walk_on", "stumble", "fly");
        model.prefers("look_side", "walk_on");
        id = decide(Map.of("state", Maze.STATE, "episode", episode))
                .body()
                .path("id")
                .asString();
    }

    @Test
    void takesARewardForTheDecisionAndACorrectionForAStage() {
        Answer reward = say("{\"reward\":-1.5,\"comment\":\"Too slow\"}");
        Answer correction = say("{\"stage\":\"look\",\"correction\":\"look_away\",\"reward\":0}");

        assertThat(reward.status()).as(reward.text()).isEqualTo(201);
        assertThat(correction.status()).as(correction.text()).isEqualTo(201);
        assertThat(correction.body().path("author").asString()).isEqualTo("a test");
        JsonNode items = get("/v1/decisions/" + id + "/feedback").body().path("items");
        assertThat(items.size()).isEqualTo(2);
        assertThat(items.path(0)).isEqualTo(correction.body());
        assertThat(items.path(1)).isEqualTo(reward.body());
        assertThat(items.path(1).has("stage")).isFalse();
    }

    @Test
    void countsWhetherTheSearchHadFoundWhatShouldHaveBeenChosen() {
        double found = choices("yes");
        double missed = choices("no");

        say("{\"stage\":\"move\",\"correction\":\"walk_on\"}");
        say("{\"stage\":\"move\",\"correction\":\"rest\"}");
        say("{\"stage\":\"move\",\"correction\":\"rest\"}");
        // Every function of this stage was a candidate, so nothing was searched.
        say("{\"stage\":\"look\",\"correction\":\"look_away\"}");

        assertThat(choices("yes") - found).isEqualTo(1);
        assertThat(choices("no") - missed).isEqualTo(1);
    }

    @Test
    void holdsWhatTheStudentClaimedAgainstWhatACorrectionSays() {
        DistributionSummary claims = meters.summary("judged.claims", "by", "correction");
        Counter right = meters.counter("judged.right", "by", "correction");
        double claimed = claims.totalAmount();
        long judged = claims.count();
        double confirmed = right.count();
        double probability = get("/v1/decisions/" + id)
                .body()
                .at("/stages/1/candidates/0/probability")
                .asDouble();

        say("{\"stage\":\"move\",\"correction\":\"walk_on\"}");
        say("{\"stage\":\"move\",\"correction\":\"rest\"}");
        say("{\"stage\":\"move\",\"reward\":1}");

        assertThat(claims.count() - judged).isEqualTo(2);
        assertThat(claims.totalAmount() - claimed).isCloseTo(2 * probability, within(1e-6));
        assertThat(right.count() - confirmed).isEqualTo(1);
    }

    private double choices(String found) {
        return meters.counter("teacher.choices", "found", found).count();
    }

    @Test
    void countsARepetitionOnceAndAChangeOfMindAgain() {
        Answer first = say("{\"reward\":1}");
        Answer repeated = say("{\"reward\":1.0}");
        Answer changed = say("{\"reward\":2}");
        Answer back = say("{\"reward\":1}");

        assertThat(repeated.status()).isEqualTo(200);
        assertThat(repeated.body()).isEqualTo(first.body());
        assertThat(changed.status()).isEqualTo(201);
        assertThat(back.status()).isEqualTo(201);
        JsonNode page = get("/v1/decisions/" + id + "/feedback?limit=2").body();
        assertThat(page.path("items").size()).isEqualTo(2);
        JsonNode rest = get("/v1/decisions/" + id + "/feedback?limit=2&cursor="
                        + page.path("next").asString())
                .body();
        assertThat(rest.path("items").size()).isEqualTo(1);
        assertThat(rest.at("/items/0")).isEqualTo(first.body());
    }

    @Test
    void exportsTheNewestCorrectionAsARowOfADataset() {
        say("{\"stage\":\"move\",\"correction\":\"walk_on\"}");
        say("{\"stage\":\"move\",\"correction\":\"rest\"}");
        say("{\"stage\":\"move\",\"reward\":3}");

        List<JsonNode> rows = rows();

        assertThat(rows).hasSize(1);
        JsonNode row = rows.getFirst();
        assertThat(row.path("episode").asString()).isEqualTo(episode);
        assertThat(row.path("task").asString()).isEqualTo("maze");
        assertThat(row.path("snapshot").asString()).isEqualTo(Maze.snapshot(1).snapshot());
        assertThat(row.path("stage").asString()).isEqualTo("move");
        assertThat(row.path("view").asString()).isEqualTo(JSON.writeValueAsString(Maze.STATE));
        assertThat(row.path("chosen").asString()).isEqualTo("rest");
        assertThat(row.at("/output/move").asString()).isEqualTo("stay");
        // By handle, the right one among them though the search had missed it.
        assertThat(row.path("candidates").findValuesAsString("handle")).containsExactly("fall", "fly", "rest", "walk");
        assertThat(row.at("/candidates/2/function").asString()).isEqualTo("rest");
        assertThat(row.at("/candidates/2/manual").asString()).isEqualTo("Stays where it is.");
    }

    /** Tests of this class share a tenant; the episode tells whose rows they are. */
    private List<JsonNode> rows() {
        Answer answer = get("/v1/tasks/maze/corrections");
        assertThat(answer.headers().get("content-type")).startsWith("application/x-ndjson");
        List<JsonNode> rows = new ArrayList<>();
        answer.text()
                .lines()
                .map(JSON::readTree)
                .filter(row -> row.path("episode").asString().equals(episode))
                .forEach(rows::add);
        return rows;
    }

    @Test
    void exportsWhatWasSaidSince() {
        say("{\"stage\":\"move\",\"correction\":\"rest\"}");

        assertThat(get("/v1/tasks/maze/corrections?since=2100-01-01T00:00:00Z").text())
                .isEmpty();
        assertThat(get("/v1/tasks/maze/corrections?since=2020-01-01T00:00:00Z").text())
                .contains(episode);
        assertThat(get("/v1/tasks/maze/corrections?since=yesterday").problem()).isEqualTo("invalid-request");
    }

    @Test
    void exportsWhatOneSideSaidLast() {
        say("{\"stage\":\"move\",\"correction\":\"rest\"}");

        assertThat(get("/v1/tasks/maze/corrections?by=people").text()).contains(episode);
        assertThat(get("/v1/tasks/maze/corrections?by=teacher").text()).doesNotContain(episode);
        assertThat(get("/v1/tasks/maze/corrections?by=nobody").problem()).isEqualTo("invalid-request");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {}                                            | invalid-request  | 400
            {"stage":"move"}                              | invalid-request  | 400
            {"correction":"rest"}                         | invalid-request  | 400
            {"reward":1e999}                              | invalid-request  | 400
            {"reward":"good"}                             | invalid-request  | 400
            {"reward":1,"comment":"\\u0000"}              | invalid-request  | 400
            {"reward":1,"stage":"sit"}                    | unknown-stage    | 404
            {"stage":"move","correction":"sit"}           | unknown-function | 404
            {"stage":"move","correction":"stumble"}       | function-failed  | 422
            """)
    void refusesWhatTeachesNothing(String body, String problem, int status) {
        Answer answer = say(body);

        assertThat(answer.problem()).as(answer.text()).isEqualTo(problem);
        assertThat(answer.status()).isEqualTo(status);
        assertThat(get("/v1/decisions/" + id + "/feedback").body().path("items").size())
                .isZero();
    }

    @Test
    void keepsTenantsApart() throws SQLException {
        say("{\"stage\":\"move\",\"correction\":\"rest\"}");

        assertThat(send(caller("rival", Scope.DECIDE), "POST", "/v1/decisions/" + id + "/feedback", "{\"reward\":1}")
                        .problem())
                .isEqualTo("unknown-decision");
        assertThat(send(caller("rival", Scope.VIEW), "GET", "/v1/decisions/" + id + "/feedback", null)
                        .problem())
                .isEqualTo("unknown-decision");
        assertThat(send(caller("rival", Scope.VIEW), "GET", "/v1/tasks/maze/corrections", null)
                        .text())
                .isEmpty();
        try (Connection connection = DriverManager.getConnection(database.url(), database.user(), database.password());
                Statement statement = connection.createStatement()) {
            statement.execute("SET platform.tenant = 'rival'");
            assertThat(count(statement)).isZero();
            statement.execute("SET platform.tenant = '" + TENANT + "'");
            assertThat(count(statement)).isPositive();
        }
    }

    private static int count(Statement statement) throws SQLException {
        try (ResultSet rows = statement.executeQuery("SELECT count(*) FROM feedback")) {
            rows.next();
            return rows.getInt(1);
        }
    }

    @Test
    void refusesACallerWhoMayOnlyLook() {
        assertThat(send(caller(TENANT, Scope.VIEW), "POST", "/v1/decisions/" + id + "/feedback", "{\"reward\":1}")
                        .status())
                .isEqualTo(403);
    }

    private Answer say(String body) {
        return post("/v1/decisions/" + id + "/feedback", body);
    }
}
