package io.logicdistillation.inference;

import static org.assertj.core.api.Assertions.assertThat;

import io.logicdistillation.inference.decisionlog.Housekeeping;
import io.logicdistillation.inference.decisionlog.TenantTransactions;
import io.logicdistillation.kit.Scope;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import tools.jackson.databind.JsonNode;

class LogOperationsTest extends ServiceTest {
    @Autowired
    TenantTransactions transactions;

    @Autowired
    Housekeeping housekeeping;

    private Instant start;

    @BeforeEach
    void forgetSettings() {
        put("{}");
        start = Instant.now();
        model.prefers("look_side", "walk_on");
    }

    private Answer put(String settings) {
        return send(caller(TENANT, Scope.OPERATE), "PUT", "/v1/tasks/maze/decision-log", settings);
    }

    private static String id(Answer made) {
        return made.body().path("id").asString();
    }

    @Test
    void neverWritesWhatARedactionNames() {
        assertThat(put("{\"redactions\":[\"/state/note\",\"/output/move\",\"/state/absent\"]}")
                        .status())
                .isEqualTo(200);

        Answer made = decide(Map.of("state", Map.of("x", 2, "goal", 5, "note", "Mrs Secret")));

        assertThat(made.body().at("/output/move").asString()).isEqualTo("east");
        Answer logged = get("/v1/decisions/" + id(made));
        assertThat(logged.text()).doesNotContain("Mrs Secret");
        assertThat(logged.body().at("/state/x").asInt()).isEqualTo(2);
        assertThat(logged.body().at("/output").toString()).isEqualTo("{}");
        assertThat(logged.body().at("/stages/1/output").toString()).isEqualTo("{}");
        assertThat(logged.body().path("redacted").toString()).isEqualTo("[\"/state/note\",\"/output/move\"]");
        Answer replay = post("/v1/decisions/" + id(made) + "/replays", null);
        assertThat(replay.body().path("same").asBoolean()).isFalse();
        assertThat(replay.body().path("redacted").size()).isEqualTo(2);
    }

    /** Another replica sets them in the same database and tells nobody. */
    @Test
    void neverWritesWhatARedactionOfAnotherReplicaNames() {
        Map<String, Object> request = Map.of("state", Map.of("x", 2, "goal", 5, "note", "Mrs Secret"));
        assertThat(get("/v1/decisions/" + id(decide(request))).text()).contains("Mrs Secret");

        setElsewhere("{/state/note}");
        for (int i = 0; i < 2; i++) {
            assertThat(get("/v1/decisions/" + id(decide(request))).text()).doesNotContain("Mrs Secret");
        }
        setElsewhere("{}");
        assertThat(get("/v1/decisions/" + id(decide(request))).text()).contains("Mrs Secret");
    }

    private void setElsewhere(String redactions) {
        transactions.update(
                TENANT,
                "UPDATE decision_log_settings SET redactions = CAST(:redactions AS text[]) WHERE task = 'maze'",
                Map.of("redactions", redactions));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"redactions\":[\"state/note\"]}",
                "{\"redactions\":[\"/state\"]}",
                "{\"redactions\":[\"/state/a~2\"]}",
                "{\"redactions\":[\"/stages/0/chosen\"]}",
                "{\"redactions\":[\"/id\"]}",
                "{\"redactions\":[null]}",
                "{\"keepDays\":0}",
                "{\"keep\":3}"
            })
    void refusesSettingsThatCanNotBe(String settings) {
        Answer refused = put(settings);

        assertThat(refused.status()).as(refused.text()).isEqualTo(400);
        assertThat(get("/v1/tasks/maze/decision-log").body().toString()).isEqualTo("{\"redactions\":[]}");
    }

    @Test
    void keepsSettingsFromThoseWhoMayNotChangeThem() {
        assertThat(send(caller(TENANT, Scope.DECIDE), "PUT", "/v1/tasks/maze/decision-log", "{}")
                        .problem())
                .isEqualTo("forbidden");
        assertThat(send(caller(TENANT, Scope.OPERATE), "DELETE", "/v1/decision-log", null)
                        .problem())
                .isEqualTo("forbidden");
        put("{\"keepDays\":7}");
        assertThat(send(caller("rival", Scope.VIEW), "GET", "/v1/tasks/maze/decision-log", null)
                        .body()
                        .has("keepDays"))
                .isFalse();
    }

    @Test
    void exportsARangeOldestFirstAndGoesOnFromACursor() {
        List<String> made = new ArrayList<>();
        for (int i = 0; i < 90; i++) {
            made.add(id(decide()));
        }

        String path = "/v1/tasks/maze/decisions/export?from=" + start;
        Answer all = get(path);
        Answer rest = get(path + "&cursor=" + made.get(79));

        assertThat(all.headers().get("content-type")).startsWith("application/x-ndjson");
        assertThat(ids(all)).isEqualTo(made);
        assertThat(ids(rest)).isEqualTo(made.subList(80, 90));
        assertThat(ids(send(caller("rival", Scope.VIEW), "GET", path, null))).isEmpty();
        assertThat(get("/v1/tasks/maze/decisions/export?cursor=x").problem()).isEqualTo("invalid-request");
    }

    private static List<String> ids(Answer export) {
        return export.text()
                .lines()
                .map(line -> JSON.readTree(line).path("id").asString())
                .toList();
    }

    @Test
    void filtersByWhatOperatorsAskFor() {
        String plain = id(decide());
        model.prefers("look_side", "stumble", "rest");
        String fallen = id(decide());
        String ruled = id(decide(Map.of("state", Maze.STATE, "choices", Map.of("look", "look_away", "move", "rest"))));
        String list = "/v1/tasks/maze/decisions?from=" + start + "&";

        assertThat(listed(list)).containsExactly(ruled, fallen, plain);
        assertThat(listed(list + "decidedBy=runner-up")).containsExactly(fallen);
        assertThat(listed(list + "decidedBy=rule")).containsExactly(ruled);
        assertThat(listed(list + "function=look_side")).containsExactly(fallen, plain);
        assertThat(listed(list + "probabilityBelow=0.5")).containsExactly(fallen);
        assertThat(listed(list + "student=none")).containsExactly(ruled);
        assertThat(listed("/v1/tasks/maze/decisions?to=" + start)).doesNotContain(plain, fallen, ruled);
        assertThat(get(list + "decidedBy=Nobody!").problem()).isEqualTo("invalid-request");
        assertThat(get(list + "probabilityBelow=2").problem()).isEqualTo("invalid-request");
        assertThat(get("/v1/tasks/maze/decisions?from=" + start + "&to=" + start)
                        .problem())
                .isEqualTo("invalid-request");
        assertThat(get("/v1/tasks/maze/decisions?from=yesterday").problem()).isEqualTo("invalid-request");
    }

    private List<String> listed(String path) {
        Answer page = get(path);
        assertThat(page.status()).as(page.text()).isEqualTo(200);
        List<String> ids = new ArrayList<>();
        page.body().path("items").forEach(item -> ids.add(item.path("id").asString()));
        return ids;
    }

    @Test
    void countsChoicesTimesAndAgreement() {
        String id = id(decide());
        id(decide());
        model.prefers("look_side", "rest");
        id(decide());
        post("/v1/decisions/" + id + "/feedback", "{\"stage\":\"move\",\"correction\":\"walk_on\"}");
        post("/v1/decisions/" + id + "/feedback", "{\"stage\":\"look\",\"correction\":\"look_away\",\"reward\":0.5}");

        Answer report = get("/v1/tasks/maze/decision-statistics?from=" + start + "&bucket=PT10M");

        assertThat(report.status()).as(report.text()).isEqualTo(200);
        JsonNode bucket = report.body().at("/buckets/0");
        assertThat(bucket.path("decisions").asInt()).isEqualTo(3);
        assertThat(bucket.path("p50Ms").asDouble()).isPositive();
        assertThat(bucket.path("p99Ms").asDouble())
                .isGreaterThanOrEqualTo(bucket.path("p50Ms").asDouble());
        assertThat(bucket.path("meanProbability").asDouble()).isBetween(0.4, 1.0);
        JsonNode walked = report.body().at("/stages/1");
        assertThat(walked.path("function").asString()).isEqualTo("walk_on");
        assertThat(walked.path("decisions").asInt()).isEqualTo(2);
        assertThat(walked.path("share").asDouble()).isBetween(0.66, 0.67);
        assertThat(report.body().at("/feedback/corrected").asInt()).isEqualTo(2);
        assertThat(report.body().at("/feedback/agreement").asDouble()).isEqualTo(0.5);
        assertThat(report.body().at("/feedback/meanReward").asDouble()).isEqualTo(0.5);
        assertThat(get("/v1/tasks/maze/decision-statistics?bucket=PT0.1S").problem())
                .isEqualTo("invalid-request");
        assertThat(get("/v1/tasks/maze/decision-statistics?bucket=hourly").problem())
                .isEqualTo("invalid-request");
    }

    @Test
    void bearsTextsThatTheDatabaseCanNotUnescape() {
        Answer made = post("/v1/tasks/maze/decisions", "{\"state\":{\"x\":2,\"goal\":5,\"note\":\"a\\u0000b\"}}");

        assertThat(made.status()).as(made.text()).isEqualTo(200);
        assertThat(get("/v1/decisions/" + id(made)).body().at("/state/note").asString())
                .isEqualTo("a\0b");
        assertThat(listed("/v1/tasks/maze/decisions?function=walk_on&from=" + start))
                .containsExactly(id(made));
        assertThat(get("/v1/tasks/maze/decision-statistics?from=" + start).status())
                .isEqualTo(200);
        assertThat(get("/v1/tasks/maze/function-coverage?from=" + start).status())
                .isEqualTo(200);
        assertThat(get("/v1/tasks/maze/decisions?student=%00").problem()).isEqualTo("invalid-request");
        assertThat(get("/v1/tasks/maze/decisions?function=%00").problem()).isEqualTo("invalid-request");
    }

    @Test
    void showsFunctionsThatAreNeverChosenOrNeverFound() {
        functionBase.finds("walk_on", "rest", "stumble");
        decide();

        Answer coverage = get("/v1/tasks/maze/function-coverage?from=" + start);

        assertThat(coverage.status()).as(coverage.text()).isEqualTo(200);
        assertThat(uses(coverage, "walk_on")).isEqualTo("1/1");
        assertThat(uses(coverage, "rest")).isEqualTo("1/0");
        assertThat(uses(coverage, "spin")).isEqualTo("0/0");
        assertThat(uses(coverage, "look_away")).isEqualTo("1/0");
        assertThat(get("/v1/tasks/maze/function-coverage?snapshot=none").problem())
                .isEqualTo("unknown-snapshot");
    }

    private static String uses(Answer coverage, String function) {
        for (JsonNode each : coverage.body().path("functions")) {
            if (each.path("function").asString().equals(function)) {
                return each.path("candidate").asInt() + "/"
                        + each.path("chosen").asInt();
            }
        }
        return "absent";
    }

    @Test
    void erasesOneTenantAndNoOther() {
        functionBase.publish("leaver", Maze.snapshot(1));
        String ruled = JSON.writeValueAsString(
                Map.of("state", Maze.STATE, "choices", Map.of("look", "look_side", "move", "rest")));
        String theirs = id(send(
                caller("leaver", Scope.DECIDE),
                "POST",
                "/v1/tasks/maze/decisions",
                ruled,
                "Idempotency-Key",
                UUID.randomUUID().toString()));
        send(
                caller("leaver", Scope.DECIDE),
                "POST",
                "/v1/decisions/" + theirs + "/feedback",
                "{\"stage\":\"move\",\"correction\":\"rest\"}");
        send(caller("leaver", Scope.OPERATE), "PUT", "/v1/tasks/maze/decision-log", "{\"keepDays\":9}");
        String ours = id(decide());

        Answer erased = send(caller("leaver", Scope.ADMIN), "DELETE", "/v1/decision-log", null);

        assertThat(erased.status()).as(erased.text()).isEqualTo(200);
        assertThat(erased.body().path("complete").asBoolean()).isTrue();
        for (String table : List.of("decisions", "idempotency_keys", "feedback", "decision_log_settings")) {
            assertThat(erased.body().at("/deleted/" + table).asInt()).as(table).isEqualTo(1);
            assertThat(count("SELECT count(*) FROM " + table + " WHERE tenant = 'leaver'"))
                    .as(table)
                    .isZero();
        }
        assertThat(get("/v1/decisions/" + ours).status()).isEqualTo(200);
    }

    @Test
    void splitsMonthsByTenant() {
        assertThat(count("SELECT count(*) FROM pg_class WHERE relkind = 'p' AND relname ~ '^decisions_[0-9]{4}_'"))
                .isPositive();
        decide();
        assertThat(count("SELECT count(DISTINCT tableoid) FROM decisions WHERE tenant = '" + TENANT + "'"))
                .isPositive();
    }

    private long count(String sql) {
        return transactions.ofEverybody(jdbc -> jdbc.sql(sql).query(Long.class).single());
    }

    /** A decision as if it had been made some days ago, in a month that may have to be made for it. */
    private UUID aged(int days) {
        OffsetDateTime then = OffsetDateTime.ofInstant(Instant.now().minus(days, ChronoUnit.DAYS), ZoneOffset.UTC);
        return AgedDecision.like(transactions, UUID.fromString(id(decide())), then);
    }

    @Test
    void deletesWhatIsOlderThanItsTaskWantsAndDropsMonthsThatAreOver() {
        UUID ancient = aged(500);
        UUID old = aged(40);
        UUID young = aged(20);

        housekeeping.run();
        assertThat(get("/v1/decisions/" + ancient).status()).isEqualTo(404);
        assertThat(get("/v1/decisions/" + old).status()).isEqualTo(200);
        String month = Instant.now()
                .minus(500, ChronoUnit.DAYS)
                .toString()
                .substring(0, 7)
                .replace('-', '_');
        assertThat(count("SELECT count(*) FROM pg_class WHERE relname = 'decisions_" + month + "'"))
                .isZero();

        put("{\"keepDays\":30}");
        housekeeping.run();
        assertThat(get("/v1/decisions/" + old).status()).isEqualTo(404);
        assertThat(get("/v1/decisions/" + young).status()).isEqualTo(200);
    }
}
