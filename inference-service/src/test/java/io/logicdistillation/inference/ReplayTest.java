package io.logicdistillation.inference;

import static org.assertj.core.api.Assertions.assertThat;

import io.logicdistillation.kit.Scope;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class ReplayTest extends ServiceTest {
    @Test
    void comesOutAsRecordedEvenAfterTheBaseHasMovedOn() {
        model.prefers("look_side", "walk_on");
        String id = decide().body().path("id").asString();
        functionBase.publish(TENANT, Maze.snapshot(7));

        Answer replay = post("/v1/decisions/" + id + "/replays", null);

        assertThat(replay.status()).as(replay.text()).isEqualTo(200);
        assertThat(replay.body().path("same").asBoolean()).isTrue();
        assertThat(replay.body().at("/output/move").asString()).isEqualTo("east");
        assertThat(replay.body().path("stages").size()).isEqualTo(2);
    }

    @Test
    void reportsWhatDiffersFromTheRecord() throws SQLException {
        model.prefers("look_side", "walk_on");
        String id = decide(Map.of("state", Maze.STATE)).body().path("id").asString();
        tamper(id);

        Answer replay = post("/v1/decisions/" + id + "/replays", null);

        assertThat(replay.body().path("same").asBoolean()).isFalse();
        assertThat(replay.stage(0).path("cause").asString()).isEqualTo("The output differs");
        assertThat(replay.body().at("/output/move").asString()).isEqualTo("west");
    }

    /** As if the log said another state than the one that was decided on. */
    private static void tamper(String id) throws SQLException {
        try (Connection connection = DriverManager.getConnection(database.url(), database.user(), database.password());
                Statement statement = connection.createStatement()) {
            statement.execute("SET platform.tenant = '" + TENANT + "'");
            statement.executeUpdate("UPDATE decisions SET state = '{\"x\":9,\"goal\":1}' WHERE id = '" + id + "'");
        }
    }

    @Test
    void replaysNothingOfAnotherTenant() {
        String id = decide().body().path("id").asString();

        assertThat(send(caller("rival", Scope.DECIDE), "POST", "/v1/decisions/" + id + "/replays", null)
                        .problem())
                .isEqualTo("unknown-decision");
        assertThat(post("/v1/decisions/" + UUID.randomUUID() + "/replays", null).problem())
                .isEqualTo("unknown-decision");
    }
}
