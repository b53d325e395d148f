package io.logicdistillation.functionbase;

import static org.assertj.core.api.Assertions.assertThat;

import io.logicdistillation.contracts.FunctionDefinition;
import io.logicdistillation.contracts.FunctionTest;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.ObjectNode;

class AdmissionTest extends ServiceTest {
    private static final String FUNCTIONS = "/v1/tasks/weather/functions";

    @BeforeEach
    void task() {
        assertThat(author.createTask(ToyTask.task()).status()).isEqualTo(201);
    }

    @Test
    void oneFunctionIsAdmittedAndReadBack() {
        FunctionDefinition umbrella = ToyTask.advice("umbrella", "umbrella", "Carry one when it rains.");
        Client.Answer admitted = author.post(FUNCTIONS, umbrella);
        assertThat(admitted.status()).as(admitted.response().body()).isEqualTo(201);
        assertThat(admitted.header("Location")).isEqualTo(FUNCTIONS + "/umbrella");
        assertThat(admitted.json().get("version").asString()).matches("sha256:[0-9a-f]{64}");
        assertThat(author.get(FUNCTIONS + "/umbrella").json()).isEqualTo(admitted.json());

        Client.Answer again = author.post(FUNCTIONS, umbrella);
        assertThat(again.status()).isEqualTo(200);
        assertThat(again.json()).isEqualTo(admitted.json());
    }

    @Test
    void aNewVersionReplacesTheDraftAndAnOldOneCanComeBack() {
        FunctionDefinition first = ToyTask.advice("umbrella", "umbrella", "Carry one when it rains.");
        FunctionDefinition second = ToyTask.advice("umbrella", "shade", "Carry one against rain and sun.");
        author.post(FUNCTIONS, first);
        assertThat(author.post(FUNCTIONS, second).status()).isEqualTo(201);
        assertThat(author.get(FUNCTIONS + "/umbrella").json().get("handle").asString())
                .isEqualTo("shade");
        assertThat(author.post(FUNCTIONS, first).status()).isEqualTo(200);
        assertThat(author.get(FUNCTIONS + "/umbrella").json().get("handle").asString())
                .isEqualTo("umbrella");
        assertThat(author.get(FUNCTIONS).json().get("items")).hasSize(1);
    }

    @Test
    void theAnswerToAnEmergencyIsPinned() {
        FunctionDefinition umbrella = ToyTask.advice("umbrella", "umbrella", "Carry one when it rains.");
        Client.Answer loose = author.post(FUNCTIONS, umbrella);
        Client.Answer pinned = author.post(
                FUNCTIONS,
                new FunctionDefinition(
                        umbrella.name(),
                        umbrella.stage(),
                        umbrella.handle(),
                        umbrella.manual(),
                        umbrella.language(),
                        umbrella.source(),
                        umbrella.tests(),
                        true));
        assertThat(pinned.status()).isEqualTo(201);
        assertThat(author.get(FUNCTIONS + "/umbrella").json().get("pinned").asBoolean())
                .isTrue();
        assertThat(loose.json().has("pinned")).isFalse();
        assertThat(pinned.json().get("version")).isNotEqualTo(loose.json().get("version"));
    }

    @Test
    void aListIsTakenAsAWholeOrNotAtAll() {
        FunctionDefinition good = ToyTask.advice("kite", "kite", "Fly it in the wind.");
        FunctionDefinition bad = ToyTask.advice("boots", "boots", "Wear them.", "return {advice: 'shoes'};");
        Client.Answer refused = author.admit(good, bad);
        assertThat(refused.status()).isEqualTo(422);
        assertThat(refused.problem()).isEqualTo("invalid-function");
        assertThat(refused.json().get("function").asString()).isEqualTo("boots");
        assertThat(refused.json().get("test").asInt()).isZero();
        assertThat(refused.json().get("cause").asString()).isEqualTo("wrong-output");
        assertThat(author.get(FUNCTIONS).json().get("items")).isEmpty();
        assertThat(author.admit(ToyTask.functions()).json()).hasSize(7);
    }

    @Test
    void whatLoopsThrowsOrDoesNotParseIsRefusedAndTheServiceLivesOn() {
        refuses("while (true) {}", "timeout");
        refuses("throw new Error('no');", "threw");
        refuses("return {", "invalid-source");
        refuses("return undefined;", "invalid-output");
        refuses("return f(); function f() { return f() + 1; }", "threw");
        assertThat(author.admit(ToyTask.functions()).status()).isEqualTo(201);
    }

    private void refuses(String body, String cause) {
        Client.Answer answer = author.admit(ToyTask.advice("bad", "bad", "Never.", body));
        assertThat(answer.problem()).as(answer.response().body()).isEqualTo("invalid-function");
        assertThat(answer.json().get("cause").asString())
                .as(answer.response().body())
                .isEqualTo(cause);
    }

    @Test
    void anOutputThatTheSchemaDoesNotAllowIsRefusedThoughTheTestExpectsIt() {
        FunctionDefinition odd = new FunctionDefinition(
                "odd",
                "mood",
                "odd",
                "Never.",
                "javascript",
                "function run() { return {mood: 'odd'}; }",
                List.of(new FunctionTest(Map.of("sky", "grey"), null, Map.of("mood", "odd"))));
        Client.Answer answer = author.admit(odd);
        assertThat(answer.problem()).isEqualTo("invalid-function");
        assertThat(answer.json().get("cause").asString()).isEqualTo("schema");
    }

    @Test
    void aFunctionWithoutTestsIsNotVerifiedAndSoNotAdmitted() {
        FunctionDefinition bare = new FunctionDefinition(
                "bare", "mood", "bare", "Never.", "javascript", "function run() { return {mood: 'wet'}; }", null);
        assertThat(author.admit(bare).json().get("cause").asString()).isEqualTo("no-tests");
    }

    @Test
    void aHandleIsTakenOncePerStageButMayBeSwapped() {
        author.admit(ToyTask.advice("kite", "kite", "Wind."), ToyTask.advice("boots", "boots", "Mud."));
        assertThat(author.admit(ToyTask.advice("glider", "kite", "Wind.")).problem())
                .isEqualTo("conflict");
        assertThat(author.get(FUNCTIONS + "/glider").problem()).isEqualTo("unknown-function");
        assertThat(author.admit(ToyTask.advice("kite", "boots", "Wind."), ToyTask.advice("boots", "kite", "Mud."))
                        .status())
                .isEqualTo(201);
    }

    @Test
    void unknownStagesLanguagesAndTasksAreNamed() {
        ObjectNode function = Client.JSON.valueToTree(ToyTask.advice("kite", "kite", "Wind."));
        assertThat(author.post(FUNCTIONS, function.deepCopy().put("stage", "none"))
                        .problem())
                .isEqualTo("unknown-stage");
        assertThat(author.post(FUNCTIONS, function.deepCopy().put("language", "cobol"))
                        .problem())
                .isEqualTo("invalid-function");
        assertThat(author.post("/v1/tasks/none/functions", function).problem()).isEqualTo("unknown-task");
        assertThat(author.post(FUNCTIONS, List.of()).problem()).isEqualTo("invalid-request");
        assertThat(author.post(FUNCTIONS, List.of(function, function)).problem())
                .isEqualTo("invalid-request");
        assertThat(author.post(FUNCTIONS, function.deepCopy().put("manual", "x".repeat(1_001)))
                        .problem())
                .isEqualTo("invalid-request");
    }
}
