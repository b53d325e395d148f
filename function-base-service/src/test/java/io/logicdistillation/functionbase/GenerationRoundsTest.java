package io.logicdistillation.functionbase;

import static org.assertj.core.api.Assertions.assertThat;

import io.logicdistillation.functionbase.tenant.TenantTransactions;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import tools.jackson.databind.JsonNode;

class GenerationRoundsTest extends GenerationTest {
    @Test
    void writesFunctionsThatWaitForAPerson() {
        llm.says(both());

        JsonNode generation = generate(Map.of());

        assertThat(generation.get("state").asString()).as("%s", generation).isEqualTo("succeeded");
        assertThat(generation.get("round").asInt()).isEqualTo(1);
        assertThat(generation.at("/functions/written").asInt()).isEqualTo(2);
        assertThat(generation.at("/functions/waiting").asInt()).isEqualTo(2);
        assertThat(generation.at("/functions/admitted").asInt()).isZero();
        assertThat(generation.at("/tokens/input").asInt()).isEqualTo(1_200);
        assertThat(generation.at("/tokens/output").asInt()).isEqualTo(300);
        assertThat(generation.at("/tokens/reserved").asInt()).isZero();
        assertThat(generation.get("cost").asDouble()).isEqualTo((1_200 * 2 + 300 * 10) / 1e6);
        assertThat(generation.at("/gaps/0/uncovered").asInt()).isZero();
        assertThat(author.get("/v1/tasks/garden/functions").json().get("items")).isEmpty();
        JsonNode proposals =
                author.get("/v1/tasks/garden/proposals?state=waiting").json().get("items");
        assertThat(proposals).hasSize(2);
        assertThat(proposals.get(0).get("generation")).isEqualTo(generation.get("id"));
    }

    @Test
    void asksWithStrictStructureAndTheRulesAsData() {
        llm.says(both());

        JsonNode generation = generate(Map.of("instructions", "Mind the frost."));

        JsonNode asked = llm.questions().getFirst();
        assertThat(asked.get("model").asString()).isEqualTo("big");
        assertThat(asked.at("/response_format/json_schema/strict").asBoolean()).isTrue();
        assertThat(asked.at("/response_format/json_schema/schema/properties/functions/items/properties/stage/enum/0")
                        .asString())
                .isEqualTo("water");
        assertThat(asked.at("/messages/0/content").asString()).doesNotContain("Water dry beds");
        assertThat(asked.at("/messages/1/content").asString())
                .contains("Water dry beds, leave wet ones alone.")
                .contains("Mind the frost.");
        assertThat(llm.idempotencyKeys()).containsExactly(generation.get("id").asString() + "/round-1/propose");
    }

    @Test
    void admitsAtOnceWhereThatIsAskedForAndWhatWasAdmittedIsPublishedAndServed() {
        llm.says(both());

        JsonNode generation = generate(Map.of("approve", "auto"));

        assertThat(generation.at("/functions/admitted").asInt())
                .as("%s", generation)
                .isEqualTo(2);
        assertThat(author.post("/v1/tasks/garden/snapshots", Map.of()).status()).isEqualTo(201);
        JsonNode reviews =
                author.get("/v1/tasks/garden/functions/soak/reviews").json().get("items");
        assertThat(reviews).hasSize(1);
        assertThat(reviews.get(0).get("verdict").asString()).isEqualTo("approve");
        JsonNode report =
                author.get("/v1/tasks/garden/functions/soak/verification").json();
        assertThat(report.at("/report/passed").asBoolean()).isTrue();
        assertThat(report.at("/report/states").asInt()).isEqualTo(101);
        assertThat(report.at("/report/silent").asInt()).isBetween(1, 100);
        assertThat(report.at("/report/freshRuns").asInt()).isGreaterThan(5);
        assertThat(report.at("/report/checks"))
                .extracting(check -> check.get("name").asString())
                .containsExactly("static", "tests", "properties", "determinism");
    }

    @Test
    void listsGenerationsTheNewestFirst() {
        llm.says(both(), Llm.functions());
        String first = generate(Map.of()).get("id").asString();
        String second = generate(Map.of("rounds", 1)).get("id").asString();

        JsonNode page = author.get(GENERATIONS + "?limit=1").json();

        assertThat(page.at("/items/0/id").asString()).isEqualTo(second);
        assertThat(author.get(GENERATIONS + "?limit=1&cursor="
                                + page.get("next").asString())
                        .json()
                        .at("/items/0/id")
                        .asString())
                .isEqualTo(first);
        assertThat(stranger().get(GENERATIONS + "/" + first).status()).isEqualTo(404);
        assertThat(reader().post(GENERATIONS, Map.of()).status()).isEqualTo(403);
        assertThat(List.of(first, second)).doesNotHaveDuplicates();
    }

    @Test
    void repairsWhatDidNotPassWithTheErrorThatItGave() {
        Map<String, Object> wrong = pouring("soak", "state.moisture < 50", "50 - state.moisture", 45, 5);
        Map<String, Object> mended = pouring("soak", "state.moisture < 50", "Math.min(10, 50 - state.moisture)", 45, 5);
        llm.says(Llm.functions(wrong, wet()), Llm.functions(mended));

        JsonNode generation = generate(Map.of());

        assertThat(generation.get("state").asString()).as("%s", generation).isEqualTo("succeeded");
        assertThat(generation.at("/functions/written").asInt()).isEqualTo(3);
        assertThat(generation.at("/functions/rejected").asInt()).isEqualTo(1);
        assertThat(generation.at("/functions/waiting").asInt()).isEqualTo(2);
        String asked = llm.questions().get(1).at("/messages/1/content").asString();
        assertThat(asked)
                .contains("<refused>")
                .contains("does not match the schema")
                .contains("50 - state.moisture");
    }

    @Test
    void asksForTheStatesThatNoFunctionCovers() {
        llm.says(Llm.functions(dry()), Llm.functions(wet()));

        JsonNode generation = generate(Map.of());

        assertThat(generation.get("state").asString()).as("%s", generation).isEqualTo("succeeded");
        assertThat(generation.get("round").asInt()).isEqualTo(2);
        assertThat(generation.at("/functions/waiting").asInt()).isEqualTo(2);
        assertThat(generation.at("/gaps/0/uncovered").asInt()).isZero();
        String asked = llm.questions().get(1).at("/messages/1/content").asString();
        String gaps = asked.substring(asked.lastIndexOf("<gaps>") + 6, asked.lastIndexOf("</gaps>"));
        assertThat(Client.JSON.readTree(gaps).get("water"))
                .isNotEmpty()
                .allSatisfy(state -> assertThat(state.get("moisture").asInt()).isGreaterThanOrEqualTo(50));
    }

    @Test
    void endsAfterItsRoundsAndSaysWhatIsLeft() {
        llm.says(Llm.functions(dry()));

        JsonNode generation = generate(Map.of("rounds", 1));

        assertThat(generation.get("state").asString()).as("%s", generation).isEqualTo("succeeded");
        assertThat(generation.at("/gaps/0/stage").asString()).isEqualTo("water");
        assertThat(generation.at("/gaps/0/states").asInt()).isBetween(90, 101);
        assertThat(generation.at("/gaps/0/uncovered").asInt()).isBetween(40, 51);
        assertThat(llm.questions()).hasSize(1);
    }

    @Test
    void dropsWhatIsThereAlreadyInTextOrInBehaviour() {
        Map<String, Object> spaced = new java.util.HashMap<>(dry());
        spaced.put("name", "drench");
        spaced.put("handle", "drench");
        spaced.put("source", dry().get("source").toString().replace("\n", "\n\n   "));
        llm.says(Llm.functions(
                dry(),
                wet(),
                spaced,
                pouring("pour", "state.moisture <= 49", "state.moisture >= 0 ? 10 / 2 : 1", 20, 5),
                pouring("half", "state.moisture < 20", "state.moisture < 20 ? 5 : 3", 10, 5)));

        JsonNode generation = generate(Map.of("repairs", 0));

        assertThat(generation.at("/functions/written").asInt())
                .as("%s", generation)
                .isEqualTo(5);
        assertThat(generation.at("/functions/duplicates").asInt()).isEqualTo(2);
        assertThat(generation.at("/functions/waiting").asInt()).isEqualTo(3);
    }

    @Test
    void writesInPythonWhereThatIsAskedFor() {
        llm.says(Llm.functions(
                inPython("soak", "state['moisture'] < 50", "math.floor(5.5)", 10, 5),
                inPython("spare", "state['moisture'] >= 50", "0", 80, 0)));

        JsonNode generation = generate(Map.of("language", "python", "approve", "auto"));

        assertThat(generation.get("state").asString()).as("%s", generation).isEqualTo("succeeded");
        assertThat(generation.at("/functions/admitted").asInt())
                .as("%s", generation)
                .isEqualTo(2);
        assertThat(generation.at("/gaps/0/uncovered").asInt()).isZero();
        assertThat(llm.questions().getFirst().at("/messages/0/content").asString())
                .contains("in Python")
                .doesNotContain("JavaScript", "globalThis");
        JsonNode soak = author.get("/v1/tasks/garden/functions/soak").json();
        assertThat(soak.get("language").asString()).isEqualTo("python");
        assertThat(author.get("/v1/tasks/garden/functions/soak/verification")
                        .json()
                        .at("/report/states")
                        .asInt())
                .isEqualTo(101);
        assertThat(author.post("/v1/tasks/garden/snapshots", Map.of()).status()).isEqualTo(201);
    }

    @Test
    void refusesPythonThatReachesOutOfItsSandboxAndTellsWhy() {
        Map<String, Object> hostile =
                inPython("soak", "state['moisture'] < 50", "5 if __import__('os').getcwd() else 5", 10, 5);
        llm.says(Llm.functions(hostile, dry()), Llm.functions(inPython("soak", "state['moisture'] < 50", "5", 10, 5)));

        JsonNode generation = generate(Map.of("language", "python", "states", 0));

        assertThat(generation.get("state").asString()).as("%s", generation).isEqualTo("succeeded");
        // JavaScript is no Python either, whatever the answer takes it for.
        assertThat(generation.at("/functions/rejected").asInt()).isEqualTo(2);
        assertThat(generation.at("/functions/waiting").asInt()).isEqualTo(1);
        assertThat(llm.questions().get(1).at("/messages/1/content").asString())
                .contains("forbidden-reflection", "__import__")
                .contains("invalid-source");
    }

    @Test
    void refusesALanguageThatNothingHereRuns() {
        assertThat(author.post(GENERATIONS, Map.of("language", "cobol")).problem())
                .isEqualTo("invalid-request");
        assertThat(llm.questions()).isEmpty();
    }

    private static Map<String, Object> inPython(
            String name, String condition, String litres, int moisture, int expected) {
        return Llm.function(name, "water", name, """
                        import math

                        def applies(state, earlier):
                            return %s

                        def run(state, earlier):
                            return {"litres": %s}
                        """.formatted(condition, litres), List.of(test(moisture, expected)));
    }

    @Test
    void asksForAnotherNameOrHandleWhereOneIsTaken() {
        Map<String, Object> sameName = pouring("soak", "state.moisture < 10", "9", 5, 9);
        Map<String, Object> sameHandle = new java.util.HashMap<>(pouring("flood", "state.moisture < 5", "10", 2, 10));
        sameHandle.put("handle", "spare");
        llm.says(Llm.functions(dry(), wet(), sameName, sameHandle), Llm.functions());

        JsonNode generation = generate(Map.of());

        assertThat(generation.at("/functions/waiting").asInt())
                .as("%s", generation)
                .isEqualTo(2);
        assertThat(llm.questions().get(1).at("/messages/1/content").asString())
                .contains("name-taken")
                .contains("handle-taken");
    }

    @Test
    void tellsWhatHappensAsItHappensAndFromWhereTheClientLeft() {
        llm.says(both());
        String id = generate(Map.of()).get("id").asString();

        Client.Answer stream = author.get(GENERATIONS + "/" + id + "/events");

        assertThat(stream.header("Content-Type")).startsWith("text/event-stream");
        List<String> kinds = stream.response()
                .body()
                .lines()
                .filter(line -> line.startsWith("event:"))
                .map(line -> line.substring(6))
                .toList();
        assertThat(kinds).containsExactly("state", "asked", "answered", "function", "function", "round", "state");
        String third = stream.response()
                .body()
                .lines()
                .filter(line -> line.startsWith("id:"))
                .map(line -> line.substring(3))
                .toList()
                .get(2);
        assertThat(author.get(GENERATIONS + "/" + id + "/events", "Last-Event-ID", third)
                        .response()
                        .body()
                        .lines()
                        .filter(line -> line.startsWith("event:")))
                .hasSize(4);
        assertThat(author.get(GENERATIONS + "/" + id + "/events", "Last-Event-ID", "x")
                        .problem())
                .isEqualTo("invalid-request");
    }

    @Test
    void worksOnOneGenerationOfATaskAtATimeAndStopsWhenItIsCancelled() {
        llm.says(both().withFixedDelay(1_500), Llm.functions());
        String id = start(Map.of("rounds", 2)).get("id").asString();
        assertThat(author.post(GENERATIONS, Map.of()).problem()).isEqualTo("conflict");
        while (llm.questions().isEmpty()) {
            pause();
        }

        JsonNode cancelled = author.delete(GENERATIONS + "/" + id).json();

        assertThat(cancelled.get("state").asString()).isEqualTo("cancelled");
        assertThat(author.delete(GENERATIONS + "/" + id).json().get("state").asString())
                .isEqualTo("cancelled");
        // What was asked is paid and recorded all the same, and nothing of it is admitted.
        long end = System.nanoTime() + 20_000_000_000L;
        while (get(id).at("/tokens/input").asInt() == 0 && System.nanoTime() < end) {
            pause();
        }
        JsonNode settled = get(id);
        assertThat(settled.at("/tokens/input").asInt()).isEqualTo(1_200);
        assertThat(settled.at("/tokens/reserved").asInt()).isZero();
        assertThat(settled.at("/functions/written").asInt()).isZero();
        assertThat(author.get("/v1/tasks/garden/audit").json().get("items"))
                .extracting(entry -> entry.get("action").asString())
                .contains("generation-started", "generation-cancelled");
    }

    @Test
    void whoLostItsLeaseWritesNothingAndWhoeverTakesItNextAsksNothingAgain(@Autowired TenantTransactions transactions) {
        llm.says(both().withFixedDelay(1_500), Llm.functions());
        String id = start(Map.of()).get("id").asString();
        while (llm.questions().isEmpty()) {
            pause();
        }
        // As a replica does that found the lease ended.
        lease(transactions, "fence = fence + 1, lease_until = now() + interval '1 hour'");
        long end = System.nanoTime() + 20_000_000_000L;
        while (get(id).at("/tokens/input").asInt() == 0 && System.nanoTime() < end) {
            pause();
        }
        JsonNode paid = get(id);
        assertThat(paid.at("/tokens/input").asInt()).isEqualTo(1_200);
        assertThat(paid.get("state").asString()).isEqualTo("running");
        assertThat(paid.at("/functions/written").asInt()).isZero();

        lease(transactions, "lease_until = now() - interval '1 second'");
        JsonNode generation = ended(id);

        assertThat(generation.get("state").asString()).as("%s", generation).isEqualTo("succeeded");
        assertThat(generation.at("/functions/waiting").asInt()).isEqualTo(2);
        assertThat(generation.at("/tokens/input").asInt()).isEqualTo(1_200);
        assertThat(llm.questions()).hasSize(1);
    }

    private void lease(TenantTransactions transactions, String change) {
        transactions.in(
                author.tenant(),
                database -> database.sql("UPDATE generations SET " + change).update());
    }
}
