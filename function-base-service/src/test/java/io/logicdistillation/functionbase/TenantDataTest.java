package io.logicdistillation.functionbase;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.logicdistillation.contracts.FunctionDefinition;
import io.logicdistillation.kit.tenantdata.TenantData;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionTemplate;
import tools.jackson.databind.JsonNode;

/** All of one tenant: counted, erased, taken out and brought in, on real Postgres. */
class TenantDataTest extends ServiceTest {
    private static final String ALL = "/v1/tenant-data";
    private static final String ROWS = ALL + "/rows";
    private static final String ACTIVE = "/v1/tasks/weather/snapshots/active";

    @Autowired
    JdbcClient database;

    @Autowired
    TransactionTemplate transactions;

    @Autowired
    TenantData data;

    @BeforeEach
    void aTenantWithHistory() {
        // The numbers get longer on the way, as they do once in a while.
        database.sql("""
                        SELECT setval(sequence, (10 ^ length((coalesce(pg_sequence_last_value(sequence), 1) + 10)::text))::bigint - 3)
                        FROM (SELECT pg_get_serial_sequence('functions', 'id')::regclass AS sequence) AS of_functions
                        """).query(Long.class).single();
        furnish(author);
    }

    private static void furnish(Client client) {
        client.createTask(ToyTask.task());
        client.admit(ToyTask.functions());
        client.publish();
        client.admit(ToyTask.advice("parasol", "shade", "Carry a parasol in the glaring sun.\nOr \\u0000 \"quoted\"."));
        client.publish();
        client.post("/v1/tasks/weather/functions/kite/bans", Map.of("reason", "It tears"));
        FunctionDefinition mask = ToyTask.advice("mask", "mask", "Wear a mask when ashes fall.");
        Map<String, Object> volcano = new HashMap<>();
        volcano.put("situation", "The volcano has broken out.");
        volcano.put("stage", "advice");
        volcano.put("function", mask);
        volcano.put("preview", Map.of("generated", 0));
        Client.Answer pinned = client.post("/v1/tasks/weather/emergencies", volcano);
        assertThat(pinned.status()).as(pinned.response().body()).isEqualTo(202);
    }

    /** Of each table with a column tenant, asked from outside of what is tested. */
    private Map<String, Long> stored(String tenant) {
        Map<String, Long> stored = new TreeMap<>();
        transactions.executeWithoutResult(status -> {
            database.sql("SELECT set_config('app.tenant', ?, true)")
                    .param(tenant)
                    .query(String.class)
                    .single();
            List<String> tables = database.sql(
                            "SELECT table_name FROM information_schema.columns WHERE column_name = 'tenant' ORDER BY 1")
                    .query(String.class)
                    .list();
            tables.forEach(table -> stored.put(
                    table,
                    database.sql("SELECT count(*) FROM " + table + " WHERE tenant = ?")
                            .param(tenant)
                            .query(Long.class)
                            .single()));
        });
        return stored;
    }

    private void addWords(String tenant) {
        transactions.executeWithoutResult(status -> {
            database.sql("SELECT set_config('app.tenant', ?, true)")
                    .param(tenant)
                    .query(String.class)
                    .single();
            database.sql("""
                            INSERT INTO snapshot_words (tenant, snapshot_id, stage, word, functions)
                            SELECT t.tenant, t.active_snapshot, 'advice', 'sun',
                                   ARRAY(SELECT id FROM functions f WHERE f.task_id = t.id AND name LIKE 's%' ORDER BY name)
                            FROM tasks t WHERE t.tenant = ?
                            """).param(tenant).update();
        });
    }

    private List<String> functionsOfWord(String tenant) {
        return transactions.execute(status -> {
            database.sql("SELECT set_config('app.tenant', ?, true)")
                    .param(tenant)
                    .query(String.class)
                    .single();
            return database.sql("""
                            SELECT f.name FROM snapshot_words w JOIN snapshots s ON s.id = w.snapshot_id
                            CROSS JOIN LATERAL unnest(w.functions) WITH ORDINALITY AS listed (id, place)
                            JOIN functions f ON f.id = listed.id AND f.task_id = s.task_id
                            WHERE w.tenant = ? ORDER BY listed.place
                            """).param(tenant).query(String.class).list();
        });
    }

    private static Map<String, Long> rows(JsonNode counts) {
        Map<String, Long> rows = new TreeMap<>();
        counts.get("rows")
                .properties()
                .forEach(each -> rows.put(each.getKey(), each.getValue().asLong()));
        return rows;
    }

    @Test
    void countsAndErasesEveryTableOfOneTenantAndNothingOfAnother() {
        Client other = stranger();
        furnish(other);
        Map<String, Long> theirs = stored(other.tenant());
        Map<String, Long> before = stored(author.tenant());
        assertThat(before)
                .containsEntry("tasks", 1L)
                .containsEntry("emergencies", 1L)
                .containsEntry("bans", 1L);
        assertThat(rows(author.admin().get(ALL).json())).isEqualTo(before);

        Client.Answer erased = author.admin().delete(ALL);

        assertThat(erased.status()).as(erased.response().body()).isEqualTo(200);
        assertThat(erased.json().get("complete").asBoolean()).isTrue();
        before.forEach((table, count) -> assertThat(
                        erased.json().at("/deleted/" + table).asLong())
                .as(table)
                .isEqualTo(count));
        assertThat(stored(author.tenant()).values()).containsOnly(0L);
        assertThat(rows(author.admin().get(ALL).json()).values()).containsOnly(0L);
        assertThat(stored(other.tenant())).isEqualTo(theirs);
        assertThat(author.admin().delete(ALL).json().at("/deleted/tasks").asLong(-1))
                .isZero();
        assertThat(author.get(ACTIVE).problem()).isEqualTo("unknown-task");
    }

    @Test
    void isForThoseWhoLookAfterTenants() {
        for (String path : List.of(ALL, ROWS, ALL + "/files/" + "0".repeat(64))) {
            assertThat(author.get(path).problem()).as(path).isEqualTo("forbidden");
        }
        assertThat(author.delete(ALL).problem()).isEqualTo("forbidden");
        assertThat(author.putLines(ROWS, "").problem()).isEqualTo("forbidden");
        assertThat(author.ofTenant("*").delete(ALL).problem()).isEqualTo("invalid-request");
        assertThat(author.admin().get(ALL + "/files/nonsense").problem()).isEqualTo("invalid-request");
        assertThat(author.admin().get(ALL + "/files/" + "0".repeat(64)).problem())
                .isEqualTo("not-found");
    }

    @Test
    void findsTablesThatWereAddedLaterAndRefusesThoseWithoutAnOwner() {
        String tenant = author.tenant();
        try {
            database.sql("CREATE TABLE later (id bigint PRIMARY KEY, tenant text NOT NULL)")
                    .update();
            database.sql("CREATE TABLE deeper (later_id bigint NOT NULL REFERENCES later)")
                    .update();
            database.sql("INSERT INTO later VALUES (1, ?), (2, 'neighbour')")
                    .param(tenant)
                    .update();
            database.sql("INSERT INTO deeper SELECT 1 FROM generate_series(1, 2500)")
                    .update();
            database.sql("INSERT INTO deeper VALUES (2)").update();
            assertThat(data.count(tenant).rows()).containsEntry("later", 1L).containsEntry("deeper", 2_500L);
            assertThat(data.erase(tenant).deleted()).containsEntry("later", 1L).containsEntry("deeper", 2_500L);
            assertThat(database.sql("SELECT later_id FROM deeper")
                            .query(Long.class)
                            .list())
                    .containsExactly(2L);

            database.sql("CREATE TABLE ownerless (what text)").update();
            assertThatThrownBy(() -> data.erase(tenant)).hasMessageContaining("ownerless");
        } finally {
            database.sql("DROP TABLE IF EXISTS ownerless, deeper, later").update();
        }
    }

    @Test
    void bringsATenantToAnotherNameWithAllItsHistory() {
        addWords(author.tenant());
        assertThat(functionsOfWord(author.tenant())).containsExactly("sledge", "soaked", "sunscreen");
        JsonNode active = author.get(ACTIVE).json();
        JsonNode audit = author.get("/v1/tasks/weather/audit").json();
        JsonNode emergencies = author.get("/v1/tasks/weather/emergencies").json();
        Map<String, Object> question = Map.of("stage", "advice", "state", Map.of("sky", "glaring"), "k", 3);
        JsonNode found = author.post("/v1/tasks/weather/searches", question).json();
        Map<String, Long> before = stored(author.tenant());
        String lines = author.admin().get(ROWS).response().body();
        Client moved = author.ofTenant("moved-" + UUID.randomUUID());

        // The rows' own ids are still taken.
        Client.Answer here = moved.putLines(ROWS, lines);
        assertThat(here.problem()).as(here.response().body()).isEqualTo("conflict");
        assertThat(stored(moved.tenant()).values()).containsOnly(0L);

        author.admin().delete(ALL);
        Client.Answer taken = moved.putLines(ROWS, lines);

        assertThat(taken.status()).as(taken.response().body()).isEqualTo(200);
        assertThat(stored(moved.tenant())).isEqualTo(before);
        assertThat(moved.get(ACTIVE).json()).isEqualTo(active);
        assertThat(moved.get("/v1/tasks/weather/emergencies").json()).isEqualTo(emergencies);
        assertThat(moved.post("/v1/tasks/weather/searches", question).json()).isEqualTo(found);
        assertThat(moved.get("/v1/tasks/weather/audit").json().get("items")).hasSameSizeAs(audit.get("items"));
        assertThat(functionsOfWord(moved.tenant())).containsExactly("sledge", "soaked", "sunscreen");
        assertThat(moved.putLines(ROWS, lines).problem()).isEqualTo("conflict");
        // What comes after is numbered after.
        moved.admit(ToyTask.advice("scarf", "scarf", "Put on a scarf in the cold."));
        assertThat(moved.publish().status()).isEqualTo(201);
        assertThat(author.get(ACTIVE).problem()).isEqualTo("unknown-task");
    }

    @Test
    void refusesWhatIsDamagedNewerOrSomebodyElses() {
        String lines = author.admin().get(ROWS).response().body();
        author.admin().delete(ALL);
        Client client = author.admin();
        assertThat(refusal(client, lines.replace("umbrella when rain", "umbrella when hail")))
                .contains("damaged");
        assertThat(refusal(client, lines.substring(0, lines.length() / 2))).containsAnyOf("breaks off", "damaged");
        assertThat(refusal(client, lines + "{}\n")).contains("after the end");
        assertThat(refusal(client, lines.replaceFirst("\"format\":1", "\"format\":2")))
                .contains("format 2");
        assertThat(refusal(client, lines.replaceFirst("\"schema\":\"\\d+\"", "\"schema\":\"999.1\"")))
                .contains("newer release");
        assertThat(refusal(client, lines.replaceFirst("function-base-service", "inference-service")))
                .contains("inference-service");
        assertThat(refusal(client, "")).contains("breaks off");
        assertThat(refusal(client, "nonsense\n")).contains("Line 1");
        assertThat(refusal(client, "[]\n")).contains("Line 1");
        assertThat(refusal(client, lines.replaceFirst("\"columns\":\\[\"id\"", "\"columns\":[\"odd\"")))
                .contains("odd");
        assertThat(stored(client.tenant()).values()).containsOnly(0L);
        assertThat(client.putLines(ROWS, lines).status()).isEqualTo(200);
    }

    private static String refusal(Client client, String lines) {
        Client.Answer answer = client.putLines(ROWS, lines);
        assertThat(answer.problem()).as(answer.response().body()).isEqualTo("invalid-request");
        return answer.json().get("detail").asString();
    }
}
