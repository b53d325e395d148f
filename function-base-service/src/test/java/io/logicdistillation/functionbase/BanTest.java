package io.logicdistillation.functionbase;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class BanTest extends ServiceTest {
    private static final String ACTIVE = "/v1/tasks/weather/snapshots/active";
    private static final String BANS = "/v1/tasks/weather/functions/umbrella/bans";

    @BeforeEach
    void publishedTask() {
        author.createTask(ToyTask.task());
        author.admit(ToyTask.functions());
        assertThat(author.publish().status()).isEqualTo(201);
    }

    @Test
    void aBannedFunctionIsFoundNoMoreUntilTheBanIsLifted() {
        assertThat(found()).contains("umbrella");
        Client.Answer banned = author.post(BANS, Map.of("reason", "it leaks"));
        assertThat(banned.status()).as(banned.response().body()).isEqualTo(201);
        assertThat(banned.json().get("bannedBy").asString()).isEqualTo("ada");
        assertThat(banned.json().get("reason").asString()).isEqualTo("it leaks");
        assertThat(found()).doesNotContain("umbrella").contains("boots");
        assertThat(author.post(BANS, Map.of("reason", "again")).status()).isEqualTo(200);

        assertThat(author.delete(BANS + "?reason=mended").status()).isEqualTo(204);
        assertThat(found()).contains("umbrella");
        assertThat(author.delete(BANS).problem()).isEqualTo("not-found");
        JsonNode history = author.get(BANS).json();
        assertThat(history).hasSize(1);
        assertThat(history.get(0).get("liftedBecause").asString()).isEqualTo("mended");
    }

    private String found() {
        return author.post("/v1/tasks/weather/searches", Map.of("stage", "advice", "view", "rain is falling", "k", 10))
                .response()
                .body();
    }

    /** Whoever polls the active snapshot learns of a ban at the next poll. */
    @Test
    void theActiveSnapshotCarriesTheBansAndItsTagTellsOfThem() {
        Client.Answer before = author.get(ACTIVE);
        String tag = before.header("ETag");
        author.post(BANS, Map.of("reason", "it leaks"));
        Client.Answer after = reader().get(ACTIVE, "If-None-Match", tag);
        assertThat(after.status()).isEqualTo(200);
        assertThat(after.json().at("/bans/functions/0").asString()).isEqualTo("umbrella");
        assertThat(after.json().at("/bans/revision").asInt()).isEqualTo(1);
        assertThat(after.json().get("snapshot")).isEqualTo(before.json().get("snapshot"));
        assertThat(reader().get(ACTIVE, "If-None-Match", after.header("ETag")).status())
                .isEqualTo(304);
    }

    @Test
    void aBanNeedsAReasonAFunctionAndAnAuthor() {
        assertThat(author.post(BANS, Map.of()).problem()).isEqualTo("invalid-request");
        assertThat(author.post(BANS, Map.of("reason", "x".repeat(1_001))).problem())
                .isEqualTo("invalid-request");
        assertThat(author.post("/v1/tasks/weather/functions/none/bans", Map.of("reason", "x"))
                        .problem())
                .isEqualTo("unknown-function");
        assertThat(reader().post(BANS, Map.of("reason", "x")).problem()).isEqualTo("forbidden");
        assertThat(stranger().post(BANS, Map.of("reason", "x")).problem()).isEqualTo("unknown-task");
    }

    @Test
    void everyChangeIsOnRecordWithWhoWhenAndWhy() {
        author.post(BANS, Map.of("reason", "it leaks"));
        author.delete("/v1/tasks/weather");
        JsonNode newest = author.get("/v1/tasks/weather/audit?limit=2").json();
        assertThat(newest.at("/items/0/action").asString()).isEqualTo("task-deleted");
        assertThat(newest.at("/items/1/action").asString()).isEqualTo("function-banned");
        assertThat(newest.at("/items/1/reason").asString()).isEqualTo("it leaks");
        assertThat(newest.at("/items/1/by").asString()).isEqualTo("ada");
        JsonNode rest = author.get(
                        "/v1/tasks/weather/audit?cursor=" + newest.get("next").asString())
                .json();
        assertThat(rest.get("items").findValuesAsString("action"))
                .startsWith("snapshot-activated", "snapshot-published", "function-admitted")
                .endsWith("task-created")
                .hasSize(10);
        assertThat(stranger().get("/v1/tasks/weather/audit").problem()).isEqualTo("unknown-task");
    }
}
