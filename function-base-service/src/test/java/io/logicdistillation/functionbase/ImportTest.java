package io.logicdistillation.functionbase;

import static org.assertj.core.api.Assertions.assertThat;

import io.logicdistillation.contracts.FunctionDefinition;
import io.logicdistillation.contracts.TaskDefinition;
import io.logicdistillation.functionbase.tenant.TenantTransactions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Snapshots that come in line by line: as a whole or not at all. */
class ImportTest extends ServiceTest {
    private static final String IMPORTS = "/v1/tasks/weather/imports";
    private static final String SNAPSHOTS = "/v1/tasks/weather/snapshots";

    @Autowired
    JdbcClient database;

    @Autowired
    TenantTransactions transactions;

    @DynamicPropertySource
    static void impatient(DynamicPropertyRegistry properties) {
        properties.add("platform.imports.poll", () -> "50ms");
    }

    @Test
    void anExportIsImportedElsewhereAsItIs() {
        author.createTask(ToyTask.task());
        author.admit(ToyTask.functions());
        JsonNode published = author.publish().json();
        Client.Answer export = author.get(SNAPSHOTS + "/active/export");
        assertThat(export.status()).isEqualTo(200);
        assertThat(export.header("Content-Type")).startsWith("application/x-ndjson");
        assertThat(export.response().body().lines()).hasSize(8);

        Client elsewhere = stranger();
        Client.Answer taken = elsewhere.postLines(IMPORTS, export.response().body());
        assertThat(taken.status()).as(taken.response().body()).isEqualTo(202);
        JsonNode done = ended(elsewhere, taken);
        assertThat(done.get("state").asString()).as("%s", done).isEqualTo("completed");
        assertThat(done.get("verified").asInt()).isEqualTo(7);
        assertThat(done.get("snapshot")).isEqualTo(published.get("snapshot"));

        JsonNode active = elsewhere.get(SNAPSHOTS + "/active").json();
        assertThat(active.get("snapshot")).isEqualTo(published.get("snapshot"));
        assertThat(active.get("functions")).isEqualTo(published.get("functions"));
        assertThat(elsewhere.get("/v1/tasks/weather/audit").response().body())
                .contains("task-created", "import-started", "snapshot-imported", "snapshot-activated");
        assertThat(elsewhere
                        .get("/v1/tasks/weather/functions/umbrella/verification")
                        .status())
                .isEqualTo(200);
        assertThat(lines(elsewhere.get(SNAPSHOTS + "/active/export")))
                .containsExactlyInAnyOrderElementsOf(lines(export));

        Client.Answer again = elsewhere.postLines(IMPORTS, export.response().body());
        assertThat(again.status()).isEqualTo(200);
        assertThat(again.json().get("id")).isEqualTo(done.get("id"));
        assertThat(elsewhere.get(IMPORTS).json().get("items")).hasSize(1);
        assertNothingIsStaged(elsewhere);
        // Where it was published there is nothing to do.
        Client.Answer home = author.postLines(IMPORTS, export.response().body());
        assertThat(home.status()).isEqualTo(200);
        assertThat(home.json().get("state").asString()).isEqualTo("completed");
    }

    private static List<String> lines(Client.Answer export) {
        return export.response().body().lines().skip(1).toList();
    }

    @Test
    void whatHasPassedHereBeforeIsNotRunAgain() {
        List<FunctionDefinition> functions = new ArrayList<>(Arrays.asList(ToyTask.functions()));
        author.postLines(IMPORTS, Export.of(database, ToyTask.task(), functions).text());
        functions.add(ToyTask.advice("parasol", "shade", "Open it against the sun."));
        Client.Answer second = author.postLines(
                IMPORTS, Export.of(database, ToyTask.task(), functions).text());
        author.get(IMPORTS)
                .json()
                .get("items")
                .forEach(each -> ended(author, each.get("id").asString()));
        JsonNode done = ended(author, second);
        assertThat(done.get("verified").asInt()).isEqualTo(8);
        Client.Answer third = author.postLines(
                IMPORTS,
                Export.of(database, ToyTask.task(), functions.subList(0, 6)).text());
        assertThat(ended(author, third).get("known").asInt()).isEqualTo(6);
        assertThat(author.get(SNAPSHOTS).json().get("items")).hasSize(3);
    }

    @Test
    void aBrokenLineIsNamedAndNothingIsStored() {
        Export export = Export.of(database, ToyTask.task(), List.of(ToyTask.functions()));
        ObjectNode fifth = (ObjectNode) Client.JSON.readTree(export.line(5));
        refuses(export.with(5, fifth.deepCopy().put("manual", "Something else.").toString()), "content-hash", 5);
        refuses(export.with(5, "{\"version\":"), "malformed-json", 5);
        ObjectNode untested = fifth.deepCopy();
        untested.putArray("tests").addNull();
        refuses(export.with(5, untested.toString()), "function", 5);
        refuses(export.with(5, "null"), "malformed-json", 5);
        refuses(export.with(5, fifth.deepCopy().put("surprise", 1).toString()), "function", 5);
        refuses(
                export.with(
                        5, fifth.deepCopy().put("manual", "x".repeat(1_000_000)).toString()),
                "function",
                5);
        refuses(
                export.with(
                        5, fifth.deepCopy().put("manual", "x".repeat(1_100_000)).toString()),
                "line",
                5);
        refuses(
                export.with(
                        5, fifth.deepCopy().put("source", "x".repeat(65_537)).toString()),
                "function",
                5);
        refuses(export.with(5, fifth.deepCopy().put("stage", "none").toString()), "unknown-stage", 5);
        refuses(export.with(5, export.line(4)), "name", 5);
        JsonNode several = refuses(export.with(3, "{").with(5, "["), "malformed-json", 3);
        assertThat(several.get("errors")).hasSize(2);
        assertThat(several.at("/errors/1/line").asInt()).isEqualTo(5);
    }

    @Test
    void whatIsNotTheWholeIsRefused() {
        Export export = Export.of(database, ToyTask.task(), List.of(ToyTask.functions()));
        refuses(export.without(8), "incomplete", null);
        ObjectNode header = (ObjectNode) Client.JSON.readTree(export.line(1));
        refuses(export.without(8).with(1, header.deepCopy().put("functions", 6).toString()), "content-hash", null);
        refuses(export.with(1, header.deepCopy().put("functions", 6).toString()), "incomplete", null);
        List<FunctionDefinition> ofOneStage = Arrays.asList(ToyTask.functions()).subList(0, 2);
        refuses(Export.of(database, ToyTask.task(), ofOneStage), "stage", null);
    }

    @Test
    void namesAndHandlesThatCollideAreNamedWithTheirLines() {
        FunctionDefinition kite = ToyTask.advice("kite", "kite", "Wind.");
        List<FunctionDefinition> functions = new ArrayList<>(Export.many(4));
        functions.add(kite);
        functions.add(ToyTask.advice("kite", "string", "Wind."));
        JsonNode name = refuses(Export.of(database, ToyTask.task(), functions), "name", 7);
        assertThat(name.get("detail").asString()).contains("Line 6 has a function named 'kite' already");
        functions.set(5, ToyTask.advice("glider", "kite", "Wind."));
        JsonNode handle = refuses(Export.of(database, ToyTask.task(), functions), "handle", 7);
        assertThat(handle.get("detail").asString()).contains("is that of 'kite' already");
    }

    @Test
    void aFirstLineThatNobodyVouchesForOrThatMakesNoSenseIsRefused() {
        Export export = Export.of(database, ToyTask.task(), List.of(ToyTask.functions()));
        ObjectNode header = (ObjectNode) Client.JSON.readTree(export.line(1));
        ObjectNode forged = header.deepCopy();
        ((ObjectNode) forged.get("signature")).put("value", "AAAA");
        refuses(export.with(1, forged.toString()), "signature", 1);
        ObjectNode unsigned = header.deepCopy();
        unsigned.remove("signature");
        refuses(export.with(1, unsigned.toString()), "signature", 1);
        refuses(export.with(1, "{}"), "missing", 1);
        refuses(export.without(1), "definition", 1);
        refuses(new Export(List.of()), "missing", 1);
        assertThat(author.postLines("/v1/tasks/other/imports", export.text())
                        .json()
                        .get("cause")
                        .asString())
                .isEqualTo("task");
        for (String schema : List.of("{\"type\":\"objekt\"}", "{\"$ref\":\"#\"}")) {
            ObjectNode task = Client.JSON.valueToTree(ToyTask.task());
            task.set("outputSchema", Client.JSON.readTree(schema));
            Export odd = Export.of(
                    database, Client.JSON.treeToValue(task, TaskDefinition.class), List.of(ToyTask.functions()));
            refuses(odd, "definition", 1);
        }
        assertThat(author.post(IMPORTS, List.of()).problem()).isEqualTo("unsupported-media-type");
    }

    private JsonNode refuses(Export export, String cause, Integer line) {
        Client.Answer answer = author.postLines(IMPORTS, export.text());
        assertThat(answer.status()).as(answer.response().body()).isEqualTo(400);
        assertThat(answer.problem()).isEqualTo("invalid-request");
        assertThat(answer.json().get("cause").asString())
                .as(answer.response().body())
                .isEqualTo(cause);
        assertThat(answer.json().has("line")).isEqualTo(line != null);
        if (line != null) {
            assertThat(answer.json().get("line").asInt()).isEqualTo(line);
        }
        assertThat(author.get(IMPORTS).json().get("items")).isEmpty();
        assertNothingIsStored(author);
        return answer.json();
    }

    private void assertNothingIsStored(Client client) {
        assertThat(client.get("/v1/tasks/weather").problem()).isEqualTo("unknown-task");
        assertNothingIsStaged(client);
        int functions = transactions.in(
                client.tenant(),
                in -> in.sql("SELECT count(*) FROM functions")
                        .query(Integer.class)
                        .single());
        assertThat(functions).isZero();
    }

    private void assertNothingIsStaged(Client client) {
        int staged = transactions.in(
                client.tenant(),
                in -> in.sql("SELECT count(*) FROM import_functions")
                        .query(Integer.class)
                        .single());
        assertThat(staged).isZero();
    }

    @Test
    void aFunctionThatDoesNotPassHereEndsTheImportWithItsReport() {
        List<FunctionDefinition> functions = new ArrayList<>(Export.many(10));
        functions.add(4, ToyTask.advice("boots", "boots", "Wear them.", "return {advice: 'shoes'};"));
        functions.add(7, cobol());
        Client.Answer taken = author.postLines(
                IMPORTS, Export.of(database, ToyTask.task(), functions).text());
        assertThat(taken.status()).as(taken.response().body()).isEqualTo(202);
        JsonNode done = ended(author, taken);
        assertThat(done.get("state").asString()).isEqualTo("failed");
        assertThat(done.get("cause").asString()).isEqualTo("invalid-function");
        assertThat(done.get("refused").asInt()).isEqualTo(2);
        assertThat(done.at("/errors/0/line").asInt()).isEqualTo(6);
        assertThat(done.at("/errors/0/function").asString()).isEqualTo("boots");
        assertThat(done.at("/errors/0/cause").asString()).isEqualTo("wrong-output");
        assertThat(done.at("/errors/0/test").asInt()).isZero();
        assertThat(done.at("/errors/0/report/passed").asBoolean(true)).isFalse();
        assertThat(done.at("/errors/1/line").asInt()).isEqualTo(9);
        assertThat(done.at("/errors/1/cause").asString()).isEqualTo("forbidden-language");
        assertNothingIsStored(author);
        Client.Answer events = author.get(IMPORTS + "/" + done.get("id").asString() + "/events");
        assertThat(events.response().body()).contains("event:refused", "\"line\":6", "\"failed\"");
    }

    private static FunctionDefinition cobol() {
        FunctionDefinition function = ToyTask.advice("ledger", "ledger", "Never.");
        return new FunctionDefinition(
                function.name(),
                function.stage(),
                function.handle(),
                function.manual(),
                "cobol",
                function.source(),
                function.tests());
    }

    @Test
    void anImportIsToldOfAsItGoes() {
        Client.Answer taken = author.postLines(
                IMPORTS, Export.of(database, ToyTask.task(), Export.many(40)).text());
        String id = taken.json().get("id").asString();
        Client.Answer events = reader().get(IMPORTS + "/" + id + "/events");
        assertThat(events.header("Content-Type")).startsWith("text/event-stream");
        assertThat(events.response().body())
                .containsSubsequence(
                        "\"uploading\"", "\"uploaded\"", "event:progress", "\"publishing\"", "\"completed\"");
        assertThat(author.get(IMPORTS + "/" + id + "/events", "Last-Event-ID", "x")
                        .problem())
                .isEqualTo("invalid-request");
    }

    @Test
    void aCancelledImportLeavesNothing() {
        Client.Answer taken = author.postLines(
                IMPORTS, Export.of(database, ToyTask.task(), Export.many(400)).text());
        String address = IMPORTS + "/" + taken.json().get("id").asString();
        until(() -> author.get(address).json().get("verified").asInt() > 0);
        assertThat(author.get(address).json().has("etaSeconds")).isTrue();
        assertThat(reader().delete(address).problem()).isEqualTo("forbidden");
        assertThat(author.delete(address).json().get("state").asString()).isEqualTo("cancelled");
        assertThat(author.delete(address).json().get("state").asString()).isEqualTo("cancelled");
        assertNothingIsStored(author);
        assertThat(author.get("/v1/tasks/weather/audit").response().body()).contains("import-cancelled");
    }

    @Test
    void tenantsDoNotSeeEachOthersAndHaveNoMoreThanTheirShareUnderWay() {
        assertThat(reader().postLines(IMPORTS, "{}").problem()).isEqualTo("forbidden");
        List<String> addresses = new ArrayList<>();
        for (int size : List.of(300, 301)) {
            Client.Answer taken = author.postLines(
                    IMPORTS,
                    Export.of(database, ToyTask.task(), Export.many(size)).text());
            assertThat(taken.status()).isEqualTo(202);
            addresses.add(IMPORTS + "/" + taken.json().get("id").asString());
        }
        Client.Answer third = author.postLines(
                IMPORTS, Export.of(database, ToyTask.task(), Export.many(302)).text());
        assertThat(third.problem()).as(third.response().body()).isEqualTo("quota-exceeded");
        Client stranger = stranger();
        for (String address : addresses) {
            assertThat(stranger.get(address).problem()).isEqualTo("not-found");
            assertThat(stranger.delete(address).problem()).isEqualTo("not-found");
            assertThat(stranger.get(address + "/events").problem()).isEqualTo("not-found");
            author.delete(address);
        }
        assertThat(stranger.get(IMPORTS).json().get("items")).isEmpty();
    }

    private JsonNode ended(Client client, Client.Answer taken) {
        return ended(client, taken.json().get("id").asString());
    }

    private JsonNode ended(Client client, String id) {
        until(() -> client.get(IMPORTS + "/" + id).json().has("finishedAt"));
        return client.get(IMPORTS + "/" + id).json();
    }

    private static void until(BooleanSupplier condition) {
        long end = System.nanoTime() + 180_000_000_000L;
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).isLessThan(end);
            GenerationTest.pause();
        }
    }
}
