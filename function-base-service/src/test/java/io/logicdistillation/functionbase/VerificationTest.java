package io.logicdistillation.functionbase;

import static org.assertj.core.api.Assertions.assertThat;

import io.logicdistillation.contracts.FunctionDefinition;
import io.logicdistillation.contracts.FunctionTest;
import io.logicdistillation.contracts.StageDefinition;
import io.logicdistillation.contracts.TaskDefinition;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.beans.factory.annotation.Autowired;
import tools.jackson.databind.JsonNode;

/** What a function has to bear before it is admitted, beyond its own tests. */
class VerificationTest extends ServiceTest {
    private static final String FUNCTIONS = "/v1/tasks/lamp/functions";

    @Autowired
    private MeterRegistry meters;

    private double stopped() {
        return meters.counter("sandbox.failures", "cause", "timeout").count();
    }

    @BeforeEach
    void task() {
        Map<String, Object> state = Map.of(
                "type", "object",
                "required", List.of("hour"),
                "additionalProperties", false,
                "properties",
                        Map.of(
                                "hour", Map.of("type", "integer", "minimum", 0, "maximum", 23),
                                "guests", Map.of("type", "array", "items", Map.of("type", "string"), "maxItems", 3)),
                "examples", List.of(Map.of("hour", 12)));
        Map<String, Object> plan = Map.of(
                "type", "object",
                "required", List.of("on"),
                "properties", Map.of("on", Map.of("type", "boolean")));
        Map<String, Object> output = Map.of(
                "type", "object",
                "required", List.of("watts"),
                "properties", Map.of("watts", Map.of("type", "number", "minimum", 0, "maximum", 60)));
        assertThat(author.post(
                                "/v1/tasks",
                                new TaskDefinition(
                                        "lamp",
                                        null,
                                        "Light the room at night.",
                                        state,
                                        output,
                                        List.of(
                                                new StageDefinition("plan", "Choose whether.", 2, null, plan),
                                                new StageDefinition("power", "Choose how much.", 2, null, null))))
                        .status())
                .isEqualTo(201);
    }

    private static FunctionDefinition plan(String source) {
        return new FunctionDefinition(
                "night",
                "plan",
                "night",
                "At night.",
                "javascript",
                source,
                List.of(new FunctionTest(Map.of("hour", 23), null, Map.of("on", true))));
    }

    private static FunctionDefinition power(String source) {
        return new FunctionDefinition(
                "full",
                "power",
                "full",
                "When it is on.",
                "javascript",
                source,
                List.of(new FunctionTest(Map.of("hour", 23), Map.of("plan", Map.of("on", true)), Map.of("watts", 60))));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            return { on: new Date().getHours() >= 0 };                      | forbidden-clock
            return { on: Math.random() >= 0 };                               | forbidden-randomness
            return { on: fetch('http://127.0.0.1') !== null };               | forbidden-io
            return { on: eval('true') };                                     | forbidden-reflection
            return { on: state.constructor.constructor('return true')() };   | forbidden-reflection
            return { on: Object.getPrototypeOf(state) !== 1 };               | forbidden-reflection
            return { on: import('fs') !== null };                            | forbidden-import
            return { on: require('fs') !== null };                           | forbidden-import
            setTimeout(() => 1, 1); return { on: true };                     | forbidden-timer
            return { on: typeof SharedArrayBuffer !== 'x' };                 | forbidden-threads
            return { on: nowhere };                                          | forbidden-unknown-name
            return { on: true }                                         } {  | forbidden-top-level
            return { on: true                                                | invalid-source
            """)
    void refusesByItsTextWhatHasNoPlaceInAFunction(String body, String cause) {
        Client.Answer answer = author.post(FUNCTIONS, plan("function run(state) { " + body + " }"));

        assertThat(answer.problem()).as(answer.response().body()).isEqualTo("invalid-function");
        assertThat(answer.json().get("cause").asString())
                .as(answer.response().body())
                .isEqualTo(cause);
        assertThat(answer.json().get("detail").asString()).contains("line 1, column");
    }

    @Test
    void refusesWhatTakesMoreAndMoreWhereStatesGrow() {
        String grows = """
                function pairs(rest, from) {
                  let count = 1;
                  for (let i = from; i < rest.length; i++) count += pairs(rest, i + 1);
                  return count;
                }
                function run(state) { return { tall: pairs(state.floors, 0) > 0 }; }
                """;
        Client.Answer refused = author.post("/v1/tasks/tower/functions", tower(grows));
        assertThat(refused.problem()).as(refused.response().body()).isEqualTo("invalid-function");
        assertThat(refused.json().get("cause").asString()).isEqualTo("timeout");
        assertThat(refused.json().get("detail").asString()).contains("for a state of");

        String steady =
                "function run(state) { return { tall: state.floors.reduce((a, b) => a + b, 0) >= 0 || true }; }";
        assertThat(author.post("/v1/tasks/tower/functions", tower(steady)).status())
                .isEqualTo(201);
        JsonNode growth =
                author.get("/v1/tasks/tower/functions/tall/verification").json().at("/report/growth");
        assertThat(growth).hasSize(3);
        assertThat(growth.get(2).get("characters").asInt())
                .isGreaterThan(4 * growth.get(0).get("characters").asInt());
        assertThat(growth.get(2).get("micros").asLong()).isPositive();
    }

    private FunctionDefinition tower(String source) {
        Map<String, Object> output = Map.of(
                "type", "object",
                "required", List.of("tall"),
                "properties", Map.of("tall", Map.of("type", "boolean")));
        author.post(
                "/v1/tasks",
                new TaskDefinition(
                        "tower",
                        null,
                        "Tell towers from huts.",
                        Map.of(
                                "type", "object",
                                "required", List.of("floors"),
                                "properties",
                                        Map.of("floors", Map.of("type", "array", "items", Map.of("type", "integer"))),
                                "examples", List.of(Map.of("floors", List.of(3, 3)))),
                        output,
                        List.of(new StageDefinition("look", "Look.", 2, null, null))));
        return new FunctionDefinition(
                "tall",
                "look",
                "tall",
                "For towers.",
                "javascript",
                source,
                List.of(new FunctionTest(Map.of("floors", List.of(3)), null, Map.of("tall", true))));
    }

    @Test
    void refusesWhatIsNestedTooDeeplyToBeRead() {
        Client.Answer answer = author.post(
                FUNCTIONS,
                plan("function run() { return { on: " + "(".repeat(15_000) + "1" + ")".repeat(15_000) + " > 0 }; }"));

        assertThat(answer.json().get("cause").asString())
                .as(answer.response().body())
                .isEqualTo("invalid-source");
    }

    @Test
    void refusesWhatPassesItsTestsAndFailsOnAnotherState() {
        String always = "function applies(state) { return true; } ";
        Client.Answer threw = author.post(
                FUNCTIONS, plan(always + "function run(state) { return { on: state.hour === 23 || state.no.way }; }"));
        assertThat(threw.json().get("cause").asString())
                .as(threw.response().body())
                .isEqualTo("threw");
        assertThat(threw.json().at("/failures/0/state/hour").isInt()).isTrue();

        Client.Answer schema =
                author.post(FUNCTIONS, plan(always + "function run(state) { return { on: state.hour > 20 || 1 }; }"));
        assertThat(schema.json().get("cause").asString()).isEqualTo("schema");

        double stopped = stopped();
        Client.Answer loops = author.post(
                FUNCTIONS, plan("function run(state) { while (state.hour === 12) {} return { on: true }; }"));
        assertThat(loops.json().get("cause").asString()).isEqualTo("timeout");
        assertThat(stopped() - stopped).isPositive();

        Client.Answer large = author.post(
                FUNCTIONS,
                plan("function run(state) { return { on: true, t: 'x'.repeat(state.hour < 20 ? 100000 : 1) }; }"));
        // The test's output differs by `t` before any state is tried.
        assertThat(large.json().get("cause").asString()).isEqualTo("wrong-output");
    }

    @Test
    void holdsAFunctionToNothingWhereItSaysThatItDoesNotApply() {
        Client.Answer admitted = author.post(FUNCTIONS, plan("""
                function applies(state) { return state.hour > 20; }
                function run(state) { if (state.hour <= 20) throw new Error('by day'); return { on: true }; }
                """));

        assertThat(admitted.status()).as(admitted.response().body()).isEqualTo(201);
        JsonNode report = author.get(FUNCTIONS + "/night/verification").json();
        assertThat(report.get("version")).isEqualTo(admitted.json().get("version"));
        assertThat(report.get("definition").asString()).startsWith("sha256:");
        assertThat(report.at("/report/passed").asBoolean()).isTrue();
        assertThat(report.at("/report/states").asInt()).isBetween(150, 200);
        assertThat(report.at("/report/silent").asInt()).isBetween(100, 199);
        assertThat(report.at("/report/refusal").isMissingNode()).isTrue();
        assertThat(author.get(FUNCTIONS + "/night/verification?version="
                                + admitted.json().get("version").asString())
                        .json())
                .isEqualTo(report);
        assertThat(author.get(FUNCTIONS + "/nobody/verification").problem()).isEqualTo("unknown-function");
    }

    @Test
    void tellsTheAuthorOfStatesOnWhichAFunctionThatSaysNothingOfThemFails() {
        Client.Answer admitted =
                author.post(FUNCTIONS, plan("function run(state) { return { on: state.hour > 20 || state.no.way }; }"));

        assertThat(admitted.status()).as(admitted.response().body()).isEqualTo(201);
        JsonNode report = author.get(FUNCTIONS + "/night/verification").json().get("report");
        assertThat(report.get("passed").asBoolean()).isTrue();
        assertThat(report.get("doubtful").asInt()).isBetween(100, 199);
        assertThat(report.get("doubt").asString()).contains("for the state {").contains("way");
    }

    @Test
    void triesLaterStagesWithWhatTheEarlierOnesGive() {
        assertThat(author.post(FUNCTIONS, plan("function run(state) { return { on: state.hour > 20 }; }"))
                        .status())
                .isEqualTo(201);

        Client.Answer refused = author.post(
                FUNCTIONS,
                power("function applies() { return true; }"
                        + " function run(state, earlier) { return { watts: earlier.plan.on ? 60 : -1 }; }"));
        assertThat(refused.json().get("cause").asString())
                .as(refused.response().body())
                .isEqualTo("schema");

        Client.Answer admitted = author.post(
                FUNCTIONS, power("function run(state, earlier) { return { watts: earlier.plan.on ? 60 : 0 }; }"));
        assertThat(admitted.status()).as(admitted.response().body()).isEqualTo(201);
        assertThat(author.get(FUNCTIONS + "/full/verification")
                        .json()
                        .at("/report/silent")
                        .asInt())
                .isZero();
    }

    @Test
    void holdsALaterStageToNothingWhereNoEarlierOneHasAFunction() {
        Client.Answer admitted = author.post(
                FUNCTIONS, power("function run(state, earlier) { return { watts: earlier.plan.on ? 60 : 0 }; }"));

        assertThat(admitted.status()).as(admitted.response().body()).isEqualTo(201);
        JsonNode report = author.get(FUNCTIONS + "/full/verification").json().get("report");
        assertThat(report.get("silent")).isEqualTo(report.get("states"));
    }

    @Test
    void judgesAListInTheOrderOfItsStages() {
        Client.Answer admitted = author.post(
                FUNCTIONS,
                List.of(
                        power("function run(state, earlier) { return { watts: earlier.plan.on ? 60 : 0 }; }"),
                        plan("function run(state) { return { on: state.hour > 20 }; }")));

        assertThat(admitted.status()).as(admitted.response().body()).isEqualTo(201);
        assertThat(admitted.json().get(0).get("name").asString()).isEqualTo("full");
        assertThat(author.get(FUNCTIONS + "/full/verification")
                        .json()
                        .at("/report/silent")
                        .asInt())
                .isZero();
    }
}
