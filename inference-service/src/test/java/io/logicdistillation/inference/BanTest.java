package io.logicdistillation.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.logicdistillation.contracts.Bans;
import io.logicdistillation.contracts.Snapshot;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** A banned function is no candidate from the moment at which its ban is known, and the log says so. */
class BanTest extends ServiceTest {
    @BeforeEach
    @AfterEach
    void withoutBans() {
        functionBase.away(false);
        functionBase.publish(TENANT, Maze.snapshot(1));
        await().atMost(Duration.ofSeconds(10)).untilAsserted(() -> {
            Answer answer = decide();
            assertThat(answer.status()).isEqualTo(200);
            assertThat(answer.text()).doesNotContain("banned");
        });
    }

    @Test
    void aBannedFunctionIsNoCandidateAndTheLogNamesTheBan() {
        model.prefers("look_side", "walk_on", "rest");
        String before = decide().body().path("id").asString();
        ban(1, "walk_on");

        await().atMost(Duration.ofSeconds(2))
                .untilAsserted(() ->
                        assertThat(decide().stage(1).path("chosen").asString()).isEqualTo("rest"));
        Answer decided = decide();
        JsonNode logged = get("/v1/decisions/" + decided.body().path("id").asString())
                .body()
                .path("stages")
                .path(1);
        assertThat(logged.path("banned").path(0).asString()).isEqualTo("walk_on");
        assertThat(logged.path("candidates").findValuesAsString("function")).doesNotContain("walk_on");
        assertThat(get("/v1/decisions/" + before).body().path("stages").path(1).has("banned"))
                .isFalse();

        Answer replayed = post("/v1/decisions/" + before + "/replays", "{}");
        assertThat(replayed.body().path("same").asBoolean()).as(replayed.text()).isTrue();
    }

    @Test
    void aBanHoldsForEverySnapshotAndForTheSearchInMemory() {
        model.prefers("look_side", "walk_on", "rest");
        decide();
        String old = Maze.snapshot(1).snapshot();
        functionBase.publish(TENANT, under(Maze.snapshot(2), new Bans(1, List.of("walk_on"))));
        await().atMost(Duration.ofSeconds(2))
                .untilAsserted(() ->
                        assertThat(decide().stage(1).path("chosen").asString()).isEqualTo("rest"));

        functionBase.away(true);

        Answer answer = decide(Map.of("state", Maze.STATE, "snapshot", old));
        assertThat(answer.body().path("snapshot").asString()).as(answer.text()).isEqualTo(old);
        assertThat(answer.stage(1).path("chosen").asString()).isEqualTo("rest");
        assertThat(answer.stage(1).path("candidates").findValuesAsString("function"))
                .doesNotContain("walk_on");
    }

    @Test
    void aChoiceOfABannedFunctionIsRefused() {
        decide();
        ban(1, "walk_on");

        await().atMost(Duration.ofSeconds(2))
                .untilAsserted(() -> assertThat(
                                decide(Map.of("state", Maze.STATE, "choices", Map.of("move", "walk_on")))
                                        .problem())
                        .isEqualTo("no-candidate"));
    }

    @Test
    void aStageWhoseFunctionsAreAllBannedHasNoCandidate() {
        decide();
        ban(1, "look_side", "look_away");

        await().atMost(Duration.ofSeconds(2))
                .untilAsserted(() -> assertThat(decide().problem()).isEqualTo("no-candidate"));
    }

    private static void ban(long revision, String... functions) {
        functionBase.publish(TENANT, under(Maze.snapshot(1), new Bans(revision, List.of(functions))));
    }

    private static Snapshot under(Snapshot snapshot, Bans bans) {
        return new Snapshot(
                snapshot.snapshot(),
                snapshot.task(),
                snapshot.number(),
                snapshot.active(),
                snapshot.publishedAt(),
                snapshot.definition(),
                snapshot.functions(),
                bans,
                null);
    }
}
