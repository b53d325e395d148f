package io.logicdistillation.inference;

import static org.assertj.core.api.Assertions.assertThat;

import io.logicdistillation.inference.decisionlog.TenantTransactions;
import io.logicdistillation.inference.students.StudentsProperties;
import io.logicdistillation.kit.Scope;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;

/** All of one tenant: counted, erased, taken out and brought in. */
class TenantDataTest extends ServiceTest {
    private static final String ALL = "/v1/tenant-data";
    private static final String ROWS = ALL + "/rows";
    private static final String[] LINES = {"Content-Type", "application/x-ndjson"};

    @Autowired
    TenantTransactions transactions;

    @Autowired
    StudentsProperties students;

    private final String tenant = "t" + UUID.randomUUID();
    private final String other = "t" + UUID.randomUUID();

    private Answer of(String whose, String method, String path, String body) {
        return send(caller(whose, Scope.ADMIN, Scope.DECIDE, Scope.VIEW), method, path, body);
    }

    /** One decision with all that hangs on it, and one of long ago. */
    private String furnish(String whose) {
        functionBase.publish(whose, Maze.snapshot(1));
        String ruled = JSON.writeValueAsString(
                Map.of("state", Maze.STATE, "choices", Map.of("look", "look_side", "move", "rest")));
        Answer decided = send(
                caller(whose, Scope.DECIDE),
                "POST",
                "/v1/tasks/maze/decisions",
                ruled,
                "Idempotency-Key",
                UUID.randomUUID().toString());
        assertThat(decided.status()).as(decided.text()).isEqualTo(200);
        String id = decided.body().path("id").asString();
        of(whose, "POST", "/v1/decisions/" + id + "/feedback", "{\"stage\":\"move\",\"correction\":\"rest\"}");
        send(caller(whose, Scope.OPERATE), "PUT", "/v1/tasks/maze/decision-log", "{\"keepDays\":9}");
        OffsetDateTime then = Instant.parse("2020-02-03T04:05:06Z").atOffset(ZoneOffset.UTC);
        AgedDecision.like(transactions, UUID.fromString(id), then);
        return id;
    }

    /** Of each table with a column tenant, asked from outside of what is tested. */
    private Map<String, Long> stored(String whose) {
        return transactions.ofEverybody(jdbc -> {
            Map<String, Long> stored = new TreeMap<>();
            List<String> tables = jdbc.sql("""
                            SELECT relname FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid AND attname = 'tenant'
                            WHERE relkind IN ('r', 'p') AND NOT relispartition ORDER BY 1
                            """).query(String.class).list();
            tables.forEach(table -> stored.put(
                    table,
                    jdbc.sql("SELECT count(*) FROM " + table + " WHERE tenant = :tenant")
                            .param("tenant", whose)
                            .query(Long.class)
                            .single()));
            return stored;
        });
    }

    private static Map<String, Long> rows(Answer counts) {
        Map<String, Long> rows = new TreeMap<>();
        counts.body()
                .get("rows")
                .properties()
                .forEach(each -> rows.put(each.getKey(), each.getValue().asLong()));
        return rows;
    }

    @Test
    void countsAndErasesOneTenantAndNothingOfAnother() {
        furnish(tenant);
        furnish(other);
        Map<String, Long> theirs = stored(other);
        Map<String, Long> before = stored(tenant);
        assertThat(before).containsEntry("decisions", 2L).containsEntry("feedback", 1L);
        assertThat(rows(of(tenant, "GET", ALL, null))).isEqualTo(before);

        Answer erased = of(tenant, "DELETE", ALL, null);

        assertThat(erased.status()).as(erased.text()).isEqualTo(200);
        assertThat(erased.body().path("complete").asBoolean()).isTrue();
        assertThat(erased.body().at("/deleted/decisions").asInt()).isEqualTo(2);
        assertThat(stored(tenant).values()).containsOnly(0L);
        assertThat(rows(of(tenant, "GET", ALL, null)).values()).containsOnly(0L);
        assertThat(stored(other)).isEqualTo(theirs);
        assertThat(send(caller(tenant, Scope.DECIDE, Scope.OPERATE), "DELETE", ALL, null)
                        .problem())
                .isEqualTo("forbidden");
    }

    @Test
    void keepsNoStudentOfAnErasedTenantOnThisMachine() {
        functionBase.publish(tenant, Maze.snapshot(1));
        var theirs = registry.add(tenant, Maze.NAME, "leaver", "ld");
        registry.promote(theirs);
        Path home = students.dataDir().resolve("students").resolve(theirs.id().replace(':', '-'));
        assertThat(send(caller(tenant, Scope.DECIDE), "POST", "/v1/tasks/maze/decisions", state())
                        .status())
                .isEqualTo(200);
        assertThat(Files.isDirectory(home)).isTrue();
        of(tenant, "DELETE", ALL, null);
        assertThat(Files.exists(home)).isFalse();
        registry.promote(student);
        awaitDecisions();
    }

    private static String state() {
        return JSON.writeValueAsString(Map.of("state", Maze.STATE));
    }

    @Test
    void bringsATenantToAnotherNameWhereItsDecisionsReplayTheSame() {
        String id = furnish(tenant);
        Map<String, Long> before = stored(tenant);
        Answer decision = of(tenant, "GET", "/v1/decisions/" + id, null);
        Answer exported = of(tenant, "GET", ROWS, null);
        assertThat(exported.headers().get("content-type")).startsWith("application/x-ndjson");
        of(tenant, "DELETE", ALL, null);
        functionBase.publish(other, Maze.snapshot(1));

        Answer taken = lines(other, exported.text());

        assertThat(taken.status()).as(taken.text()).isEqualTo(200);
        assertThat(stored(other)).isEqualTo(before);
        assertThat(of(other, "GET", "/v1/decisions/" + id, null).body()).isEqualTo(decision.body());
        Answer replay = of(other, "POST", "/v1/decisions/" + id + "/replays", null);
        assertThat(replay.body().path("same").asBoolean()).as(replay.text()).isTrue();
        assertThat(lines(other, exported.text()).problem()).isEqualTo("conflict");
        of(other, "DELETE", ALL, null);
        assertThat(lines("t" + UUID.randomUUID(), exported.text().replace("look_side", "look_back"))
                        .problem())
                .isEqualTo("invalid-request");
    }

    private Answer lines(String whose, String lines) {
        return send(caller(whose, Scope.ADMIN), "PUT", ROWS, lines, LINES);
    }
}
