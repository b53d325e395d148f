package io.logicdistillation.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.logicdistillation.contracts.PublishedFunction;
import io.logicdistillation.contracts.Snapshot;
import io.logicdistillation.inference.decisionlog.TenantTransactions;
import io.logicdistillation.kit.Scope;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import tools.jackson.databind.JsonNode;

class DriftReportTest extends ServiceTest {
    private static final String REPORTS = "/v1/tasks/maze/drift-reports";

    @Autowired
    TenantTransactions transactions;

    private Instant start;

    @BeforeEach
    void decideAsEver() {
        model.prefers("look_side", "walk_on");
        start = Instant.now();
    }

    private JsonNode finished(Map<String, Object> request) {
        Answer accepted = post(REPORTS, JSON.writeValueAsString(request));
        assertThat(accepted.status()).as(accepted.text()).isEqualTo(202);
        return finished(accepted.headers().get("location"));
    }

    private JsonNode finished(String location) {
        await().atMost(Duration.ofMinutes(1))
                .until(() -> !get(location).body().path("status").asString().equals("running"));
        Answer report = get(location);
        assertThat(report.body().path("status").asString()).as(report.text()).isEqualTo("done");
        return report.body();
    }

    @Test
    void findsNoDriftWhereNothingChanged() {
        for (int i = 0; i < 12; i++) {
            decide();
        }
        long before = logged();

        JsonNode report = finished(Map.of("from", start.toString()));

        assertThat(report.path("total").asInt()).isEqualTo(12);
        assertThat(report.path("done").asInt()).isEqualTo(12);
        assertThat(report.path("share").asDouble()).isZero();
        assertThat(report.at("/found/examples").size()).isZero();
        assertThat(logged()).as("nothing is logged").isEqualTo(before);
    }

    private long logged() {
        return transactions.of(
                TENANT,
                jdbc -> jdbc.sql("SELECT count(*) FROM decisions")
                        .query(Long.class)
                        .single());
    }

    @Test
    void blamesTheModelWhereItChoosesOtherwiseAmongTheSame() {
        for (int i = 0; i < 4; i++) {
            decide();
        }
        model.prefers("look_side", "rest");

        JsonNode report = finished(Map.of("from", start.toString(), "last", 3));

        assertThat(report.path("total").asInt()).isEqualTo(3);
        assertThat(report.path("share").asDouble()).isEqualTo(1);
        assertThat(report.at("/found/causes").toString()).isEqualTo("{\"move\":{\"model\":3}}");
        assertThat(report.at("/found/confusion/move").path("walk_on → rest").asInt())
                .isEqualTo(3);
        JsonNode example = report.at("/found/examples/0");
        assertThat(example.path("was").asString()).isEqualTo("walk_on");
        assertThat(example.path("now").asString()).isEqualTo("rest");
        assertThat(example.at("/output/move").asString()).isEqualTo("stay");
    }

    @Test
    void blamesTheFunctionWhoseSourceChanged() {
        decide();
        Snapshot old = Maze.snapshot(1);
        PublishedFunction other = Maze.function(
                "look_side",
                "look",
                "look",
                "Looks on which side the goal lies. Always right.",
                "return {side: 'west'};");
        Snapshot next = new Snapshot(
                "sha256:" + "9".repeat(64),
                Maze.NAME,
                9,
                false,
                start,
                Maze.task(),
                old.functions().stream()
                        .map(each -> each.name().equals("look_side") ? other : each)
                        .toList());
        functionBase.publish(TENANT, next);
        functionBase.publish(TENANT, old);

        JsonNode report = finished(Map.of("from", start.toString(), "snapshot", next.snapshot()));

        assertThat(report.at("/found/causes").toString()).isEqualTo("{\"look\":{\"function\":1}}");
        assertThat(report.at("/found/confusion").size()).isZero();
    }

    @Test
    void blamesTheSearchThatShowsOtherCandidates() {
        decide();
        functionBase.finds("rest", "stumble", "fly");

        JsonNode report = finished(Map.of("from", start.toString()));

        assertThat(report.at("/found/causes").toString()).isEqualTo("{\"move\":{\"retrieval\":1}}");
    }

    @Test
    void goesOnWhereALostWorkerStopped() {
        decide();
        decide();
        JsonNode report = finished(Map.of("from", start.toString()));
        transactions.of(
                TENANT,
                jdbc -> jdbc.sql("""
                        UPDATE drift_reports SET status = 'running', at_decision = first_decision, done = 1,
                            beat_at = to_timestamp(0)
                        WHERE id = CAST(:id AS uuid)
                        """).param("id", report.path("id").asString()).update());

        JsonNode again = finished(REPORTS + "/" + report.path("id").asString());

        assertThat(again.path("done").asInt()).isEqualTo(2);
        assertThat(again.at("/found/compared").asInt()).isEqualTo(3);
    }

    @Test
    void leavesOutWhatWasRedacted() {
        send(caller(TENANT, Scope.OPERATE), "PUT", "/v1/tasks/maze/decision-log", "{\"redactions\":[\"/state/x\"]}");
        decide();
        send(caller(TENANT, Scope.OPERATE), "PUT", "/v1/tasks/maze/decision-log", "{}");

        JsonNode report = finished(Map.of("from", start.toString()));

        assertThat(report.at("/found/redacted").asInt()).isEqualTo(1);
        assertThat(report.has("share")).isFalse();
    }

    @Test
    void cancelsAndKeepsWhatWasFound() {
        for (int i = 0; i < 30; i++) {
            decide();
        }
        Answer accepted = post(REPORTS, "{\"last\":30}");
        String location = accepted.headers().get("location");

        Answer cancelled = send(caller(TENANT, Scope.DECIDE), "DELETE", location, null);

        assertThat(cancelled.body().path("status").asString()).isEqualTo("cancelled");
        assertThat(send(caller(TENANT, Scope.VIEW), "DELETE", location, null).problem())
                .isEqualTo("forbidden");
        assertThat(send(caller("rival", Scope.VIEW), "GET", location, null).problem())
                .isEqualTo("not-found");
        assertThat(get(REPORTS + "?limit=1").body().at("/items/0/id").asString())
                .isEqualTo(accepted.body().path("id").asString());
    }

    @Test
    void measuresTheStudentThatIsNamedAndNotThePromotedOne() {
        decide();
        String named = registry.add(TENANT, Maze.NAME, "reviewer", "ld").id();

        JsonNode report = finished(Map.of("from", start.toString(), "student", named));

        assertThat(report.path("student").asString()).isEqualTo(named);
        assertThat(report.path("done").asInt()).isEqualTo(1);
    }

    @Test
    void refusesAStudentThatIsNone() {
        decide();

        assertThat(post(REPORTS, "{\"student\":\"nobody\"}").problem()).isEqualTo("unknown-student");
    }

    @Test
    void refusesRequestsThatCanNotBe() {
        for (String body : List.of("{\"last\":0}", "{\"last\":1000000}", "{\"student\":\"\"}", "{\"of\":1}")) {
            assertThat(post(REPORTS, body).status()).as(body).isEqualTo(400);
        }
        assertThat(post(REPORTS, "{\"snapshot\":\"none\"}").problem()).isEqualTo("unknown-snapshot");
        assertThat(post("/v1/tasks/nothing/drift-reports", "{}").problem()).isEqualTo("unknown-task");
        assertThat(get(REPORTS + "/no-id").problem()).isEqualTo("not-found");
    }
}
