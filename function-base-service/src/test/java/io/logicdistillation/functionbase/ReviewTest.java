package io.logicdistillation.functionbase;

import static org.assertj.core.api.Assertions.assertThat;

import io.logicdistillation.contracts.FunctionDefinition;
import io.logicdistillation.contracts.FunctionTest;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** People judge what an L-LLM wrote. */
class ReviewTest extends GenerationTest {
    private static final String SOAK = "/v1/tasks/garden/functions/soak";

    @BeforeEach
    void written() {
        llm.says(both());
        assertThat(generate(Map.of()).get("state").asString()).isEqualTo("succeeded");
    }

    private Client.Answer judge(String verdict, String reason) {
        return author.post(SOAK + "/reviews", Map.of("verdict", verdict, "reason", reason));
    }

    @Test
    void whatWaitsIsNeitherServedNorPublishedUntilItIsApproved() {
        assertThat(author.get(SOAK).problem()).isEqualTo("unknown-function");
        assertThat(author.post("/v1/tasks/garden/snapshots", Map.of()).problem())
                .isEqualTo("conflict");

        Client.Answer approved = judge("approve", "It is right.");

        assertThat(approved.status()).as(approved.response().body()).isEqualTo(201);
        assertThat(approved.json().get("by").asString()).isEqualTo("ada");
        assertThat(approved.json().get("reason").asString()).isEqualTo("It is right.");
        assertThat(author.get(SOAK).json().get("version"))
                .isEqualTo(approved.json().get("version"));
        JsonNode snapshot = author.post("/v1/tasks/garden/snapshots", Map.of()).json();
        assertThat(snapshot.get("functions")).hasSize(1);
        assertThat(author.get("/v1/tasks/garden/audit").json().get("items")).anySatisfy(entry -> {
            assertThat(entry.get("action").asString()).isEqualTo("function-approved");
            assertThat(entry.get("reason").asString()).isEqualTo("It is right.");
        });
    }

    @Test
    void whatWasRejectedMayBeApprovedAgain() {
        String version = judge("approve", "Right.").json().get("version").asString();
        assertThat(author.post(SOAK + "/reviews", Map.of("verdict", "reject", "reason", "Too much."))
                        .status())
                .isEqualTo(201);
        assertThat(author.get(SOAK).problem()).isEqualTo("unknown-function");
        assertThat(state(version)).isEqualTo("rejected");

        Client.Answer again = author.post(
                SOAK + "/reviews", Map.of("verdict", "approve", "reason", "Enough after all.", "version", version));

        assertThat(again.status()).as(again.response().body()).isEqualTo(201);
        assertThat(author.get(SOAK).json().get("version").asString()).isEqualTo(version);
        assertThat(state(version)).isEqualTo("approved");
        assertThat(author.get(SOAK + "/reviews").json().get("items"))
                .extracting(review -> review.get("verdict").asString())
                .containsExactly("approve", "reject", "approve");
        JsonNode first = author.get(SOAK + "/reviews?limit=1").json();
        assertThat(author.get(SOAK + "/reviews?limit=1&cursor="
                                + first.get("next").asString())
                        .json()
                        .at("/items/0/verdict")
                        .asString())
                .isEqualTo("reject");
    }

    @Test
    void whatIsRejectedBeforeItWasApprovedIsLeftOutAndMayStillBeApproved() {
        String version = judge("reject", "No.").json().get("version").asString();
        assertThat(judge("approve", "Yes.").problem()).isEqualTo("unknown-function");

        assertThat(author.post(SOAK + "/reviews", Map.of("verdict", "approve", "reason", "Yes.", "version", version))
                        .status())
                .isEqualTo(201);
        assertThat(author.get(SOAK).json().get("version").asString()).isEqualTo(version);
    }

    @Test
    void anEditIsVerifiedAndTakesThePlaceOfWhatItEdits() {
        String before = author.get("/v1/tasks/garden/proposals")
                .json()
                .at("/items/0/function/version")
                .asString();
        Client.Answer refused = author.post(
                SOAK + "/reviews",
                Map.of("verdict", "edit", "reason", "More.", "function", edited("return { litres: 70 };", 70)));
        assertThat(refused.problem()).as(refused.response().body()).isEqualTo("invalid-function");
        assertThat(author.get(SOAK).problem()).isEqualTo("unknown-function");

        Client.Answer edit = author.post(
                SOAK + "/reviews",
                Map.of("verdict", "edit", "reason", "More.", "function", edited("return { litres: 7 };", 7)));

        assertThat(edit.status()).as(edit.response().body()).isEqualTo(201);
        assertThat(edit.json().get("version").asString()).isEqualTo(before);
        String after = edit.json().get("replacedBy").asString();
        assertThat(author.get(SOAK).json().get("version").asString())
                .isEqualTo(after)
                .isNotEqualTo(before);
        assertThat(state(before)).isEqualTo("edited");
        assertThat(author.get(SOAK + "/verification").json().get("version").asString())
                .isEqualTo(after);
    }

    @Test
    void whatIsSentByHandIsApprovedByIt() {
        JsonNode waiting = author.get("/v1/tasks/garden/proposals").json().at("/items/0/function");
        tools.jackson.databind.node.ObjectNode sent = waiting.deepCopy().asObject();
        sent.remove("version");

        assertThat(author.post("/v1/tasks/garden/functions", sent).status()).isEqualTo(200);

        assertThat(state(waiting.get("version").asString())).isEqualTo("approved");
        assertThat(author.get(SOAK + "/reviews").json().at("/items/0/reason").asString())
                .isEqualTo("sent by hand");
    }

    @Test
    void aSuppliedFunctionCanBeJudgedToo() {
        assertThat(author.post("/v1/tasks/garden/functions", named("mist", "return { litres: 1 };", 1))
                        .status())
                .isEqualTo(201);

        assertThat(author.post("/v1/tasks/garden/functions/mist/reviews", Map.of("verdict", "reject", "reason", "No."))
                        .status())
                .isEqualTo(201);
        assertThat(author.get("/v1/tasks/garden/functions/mist").problem()).isEqualTo("unknown-function");
    }

    @Test
    void whatWasVerifiedUnderAnotherDefinitionIsVerifiedAgainBeforeItIsApproved() {
        var task = author.get("/v1/tasks/garden").json().asObject();
        ((tools.jackson.databind.node.ObjectNode) task.at("/outputSchema/properties/litres")).put("maximum", 3);
        assertThat(author.put("/v1/tasks/garden", task).status()).isEqualTo(200);

        Client.Answer refused = judge("approve", "It was right.");

        assertThat(refused.problem()).as(refused.response().body()).isEqualTo("invalid-function");
        assertThat(author.get(SOAK).problem()).isEqualTo("unknown-function");
    }

    @Test
    void refusesAReviewThatMeansNothing() {
        assertThat(judge("maybe", "x").problem()).isEqualTo("invalid-request");
        assertThat(judge("approve", " ").problem()).isEqualTo("invalid-request");
        assertThat(author.post(SOAK + "/reviews", Map.of("verdict", "approve")).problem())
                .isEqualTo("invalid-request");
        assertThat(author.post(SOAK + "/reviews", Map.of("verdict", "edit", "reason", "x"))
                        .problem())
                .isEqualTo("invalid-request");
        assertThat(author.post(
                                SOAK + "/reviews",
                                Map.of("verdict", "edit", "reason", "x", "function", named("mist", "return {};", 1)))
                        .problem())
                .isEqualTo("invalid-request");
        assertThat(author.post("/v1/tasks/garden/functions/none/reviews", Map.of("verdict", "reject", "reason", "x"))
                        .problem())
                .isEqualTo("unknown-function");
        assertThat(author.get("/v1/tasks/garden/proposals?state=odd").problem()).isEqualTo("invalid-request");
        assertThat(reader().post(SOAK + "/reviews", Map.of("verdict", "approve", "reason", "x"))
                        .status())
                .isEqualTo(403);
        assertThat(stranger().get("/v1/tasks/garden/proposals").problem()).isEqualTo("unknown-task");
    }

    private String state(String version) {
        for (JsonNode proposal : author.get("/v1/tasks/garden/proposals").json().get("items")) {
            if (proposal.at("/function/version").asString().equals(version)) {
                return proposal.get("state").asString();
            }
        }
        return "";
    }

    private static FunctionDefinition edited(String body, int litres) {
        return named("soak", body, litres);
    }

    private static FunctionDefinition named(String name, String body, int litres) {
        return new FunctionDefinition(
                name,
                "water",
                name,
                "Use it on dry soil.",
                "javascript",
                "function run(state) { " + body + " }",
                List.of(new FunctionTest(Map.of("moisture", 10), null, Map.of("litres", litres))));
    }
}
