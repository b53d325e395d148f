package io.logicdistillation.functionbase;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

class SnapshotTest extends ServiceTest {
    private static final String SNAPSHOTS = "/v1/tasks/weather/snapshots";

    @BeforeEach
    void taskWithFunctions() {
        author.createTask(ToyTask.task());
        assertThat(author.admit(ToyTask.functions()).status()).isEqualTo(201);
    }

    @Test
    void theFirstSnapshotIsPublishedWholeAndActive() {
        assertThat(author.get(SNAPSHOTS + "/active").problem()).isEqualTo("unknown-snapshot");
        Client.Answer published = author.publish();
        assertThat(published.status()).as(published.response().body()).isEqualTo(201);
        JsonNode snapshot = published.json();
        assertThat(snapshot.get("number").asInt()).isEqualTo(1);
        assertThat(snapshot.get("active").asBoolean()).isTrue();
        assertThat(snapshot.get("functions")).hasSize(7);
        assertThat(snapshot.get("definition")).isEqualTo(Client.JSON.valueToTree(ToyTask.task()));
        assertThat(reader().get(SNAPSHOTS + "/active").json()).isEqualTo(snapshot);
        assertThat(reader().get(SNAPSHOTS + "/" + snapshot.get("snapshot").asString())
                        .json())
                .isEqualTo(snapshot);
    }

    @Test
    void publishingTheSameContentGivesTheSameSnapshot() {
        JsonNode first = author.publish().json();
        Client.Answer again = author.publish();
        assertThat(again.status()).isEqualTo(200);
        assertThat(again.json()).isEqualTo(first);
    }

    @Test
    void aLaterSnapshotDecidesOnlyOnceItIsActivated() {
        String first = author.publish().json().get("snapshot").asString();
        author.admit(ToyTask.advice("parasol", "shade", "Open it against the sun."));
        JsonNode second = author.publish().json();
        assertThat(second.get("number").asInt()).isEqualTo(2);
        assertThat(second.get("active").asBoolean()).isFalse();
        assertThat(active()).isEqualTo(first);

        String hash = second.get("snapshot").asString();
        Client.Answer activated =
                author.post(SNAPSHOTS + "/" + hash + "/activations", Map.of("reason", "a hot summer"));
        assertThat(activated.status()).isEqualTo(201);
        assertThat(activated.json().get("activatedBy").asString()).isEqualTo("ada");
        assertThat(activated.json().get("reason").asString()).isEqualTo("a hot summer");
        assertThat(active()).isEqualTo(hash);

        assertThat(author.postText(SNAPSHOTS + "/" + first + "/activations", "").status())
                .isEqualTo(201);
        assertThat(active()).isEqualTo(first);
        JsonNode list = author.get(SNAPSHOTS + "?limit=1").json();
        assertThat(list.get("items").get(0).get("active").asBoolean()).isTrue();
        assertThat(list.get("items").get(0).get("functions").asInt()).isEqualTo(7);
        JsonNode rest = author.get(
                        SNAPSHOTS + "?limit=1&cursor=" + list.get("next").asString())
                .json();
        assertThat(rest.get("items").get(0).get("snapshot").asString()).isEqualTo(hash);
        assertThat(rest.has("next")).isFalse();
    }

    private String active() {
        return author.get(SNAPSHOTS + "/active").json().get("snapshot").asString();
    }

    @Test
    void aClientThatHasTheSnapshotIsSpared() {
        Client.Answer published = author.publish();
        String etag = author.get(SNAPSHOTS + "/active").header("ETag");
        assertThat(etag).isEqualTo('"' + published.json().get("snapshot").asString() + '"');
        Client.Answer unchanged = reader().get(SNAPSHOTS + "/active", "If-None-Match", etag);
        assertThat(unchanged.status()).isEqualTo(304);
        assertThat(unchanged.response().body()).isEmpty();
        assertThat(reader().get(SNAPSHOTS + "/active", "If-None-Match", "\"sha256:other\"")
                        .status())
                .isEqualTo(200);
    }

    @Test
    void whoHasAnotherSnapshotIsToldTheDifference() {
        JsonNode first = author.publish().json();
        String since = first.get("snapshot").asString();
        author.admit(ToyTask.advice("parasol", "shade", "Open it against the sun."));
        JsonNode second = author.publish().json();
        String to = second.get("snapshot").asString();

        JsonNode change =
                reader().get(SNAPSHOTS + "/" + to + "/changes?since=" + since).json();
        assertThat(change.get("since").asString()).isEqualTo(since);
        assertThat(change.get("removed")).isEmpty();
        assertThat(change.at("/snapshot/functions").findValuesAsString("name")).containsExactly("parasol");
        assertThat(change.at("/snapshot/snapshot").asString()).isEqualTo(to);
        assertThat(change.at("/snapshot/definition")).isEqualTo(second.get("definition"));
        assertThat(change.at("/snapshot/signature")).isEqualTo(second.get("signature"));

        JsonNode back =
                reader().get(SNAPSHOTS + "/" + since + "/changes?since=" + to).json();
        assertThat(back.get("removed")).hasSize(1);
        assertThat(back.at("/removed/0").asString()).isEqualTo("parasol");
        assertThat(back.at("/snapshot/functions")).isEmpty();
    }

    @Test
    void aBanIsAllThatIsToldToWhoHasTheActiveSnapshot() {
        String hash = author.publish().json().get("snapshot").asString();
        String changes = SNAPSHOTS + "/active/changes?since=" + hash;
        String etag = reader().get(changes).header("ETag");
        assertThat(reader().get(changes, "If-None-Match", etag).status()).isEqualTo(304);

        assertThat(author.post("/v1/tasks/weather/functions/umbrella/bans", Map.of("reason", "torn"))
                        .status())
                .isEqualTo(201);
        Client.Answer banned = reader().get(changes, "If-None-Match", etag);
        assertThat(banned.status()).isEqualTo(200);
        assertThat(banned.json().at("/snapshot/functions")).isEmpty();
        assertThat(banned.json().at("/snapshot/bans/functions/0").asString()).isEqualTo("umbrella");
    }

    @Test
    void differencesToWhatIsUnknownAreRefused() {
        author.publish();
        assertThat(reader().get(SNAPSHOTS + "/active/changes?since=sha256:" + "0".repeat(64))
                        .problem())
                .isEqualTo("unknown-snapshot");
        assertThat(reader().get(SNAPSHOTS + "/active/changes").problem()).isEqualTo("invalid-request");
    }

    @Test
    void aStageWithoutFunctionsIsNotPublished() {
        author.createTask(ToyTask.task("empty"));
        Client.Answer answer = author.post("/v1/tasks/empty/snapshots", Map.of());
        assertThat(answer.problem()).isEqualTo("conflict");
        assertThat(answer.json().get("stage").asString()).isEqualTo("mood");
    }

    @Test
    void aViewThatFailsOnAnExampleStopsThePublication() {
        for (String view : new String[] {
            "function view(state, earlier) { return earlier.none.mood; }",
            "function view(state, earlier) { return '  '; }",
            "function view(state, earlier) { return 7; }",
            "function view(state, earlier) { return state.sky.repeat(1000); }",
            "function view(state, earlier) { while (true) {} }",
        }) {
            author.put("/v1/tasks/weather", ToyTask.task(ToyTask.NAME, view));
            Client.Answer answer = author.publish();
            assertThat(answer.problem()).as(view).isEqualTo("invalid-function");
            assertThat(answer.json().get("stage").asString()).isEqualTo("advice");
            assertThat(answer.json().get("example").asInt()).isZero();
        }
        assertThat(author.get(SNAPSHOTS).json().get("items")).isEmpty();
    }

    @Test
    void functionsAreVerifiedAgainWhenTheTaskHasChanged() {
        ObjectNode task = Client.JSON.valueToTree(ToyTask.task());
        ((ObjectNode) task.at("/outputSchema/properties/advice")).put("maxLength", 3);
        assertThat(author.put("/v1/tasks/weather", task).status()).isEqualTo(200);
        Client.Answer answer = author.publish();
        assertThat(answer.problem()).isEqualTo("invalid-function");
        assertThat(answer.json().get("cause").asString()).isEqualTo("schema");
        assertThat(answer.json().get("failures")).hasSize(5);
    }

    @Test
    void unknownSnapshotsAreNamed() {
        assertThat(author.get(SNAPSHOTS + "/latest").problem()).isEqualTo("unknown-snapshot");
        assertThat(author.get(SNAPSHOTS + "/sha256:" + "0".repeat(64)).problem())
                .isEqualTo("unknown-snapshot");
        assertThat(author.get("/v1/tasks/none/snapshots/active").problem()).isEqualTo("unknown-task");
        assertThat(author.post(SNAPSHOTS + "/sha256:" + "0".repeat(64) + "/activations", Map.of())
                        .problem())
                .isEqualTo("unknown-snapshot");
    }

    @Test
    void aRemovedTaskTakesItsSnapshotsAlong() {
        author.publish();
        assertThat(author.delete("/v1/tasks/weather").status()).isEqualTo(204);
        assertThat(author.get(SNAPSHOTS + "/active").problem()).isEqualTo("unknown-task");
        author.createTask(ToyTask.task());
        assertThat(author.get(SNAPSHOTS).json().get("items")).isEmpty();
    }
}
