package io.logicdistillation.inference;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.containing;
import static com.github.tomakehurst.wiremock.client.WireMock.equalTo;
import static com.github.tomakehurst.wiremock.client.WireMock.matchingJsonPath;
import static com.github.tomakehurst.wiremock.client.WireMock.okJson;
import static com.github.tomakehurst.wiremock.client.WireMock.postRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.urlEqualTo;
import static com.github.tomakehurst.wiremock.core.WireMockConfiguration.wireMockConfig;
import static org.assertj.core.api.Assertions.assertThat;

import com.github.tomakehurst.wiremock.WireMockServer;
import com.github.tomakehurst.wiremock.client.MappingBuilder;
import com.github.tomakehurst.wiremock.client.ResponseDefinitionBuilder;
import com.github.tomakehurst.wiremock.client.WireMock;
import com.github.tomakehurst.wiremock.http.Fault;
import com.github.tomakehurst.wiremock.stubbing.Scenario;
import io.logicdistillation.kit.Scope;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import tools.jackson.databind.JsonNode;

/** The teacher's API is played over HTTP; the client is the one that ships. */
@DirtiesContext
class EscalationTest extends ServiceTest {
    private static final String CHAT = "/v1/chat/completions";
    private static final String POLICY = "/v1/tasks/maze/decision-policy";
    private static final WireMockServer api = started();

    @Autowired
    private MeterRegistry meters;

    private static WireMockServer started() {
        WireMockServer server =
                new WireMockServer(wireMockConfig().dynamicPort().bindAddress("127.0.0.1"));
        server.start();
        return server;
    }

    @DynamicPropertySource
    static void teacher(DynamicPropertyRegistry properties) {
        properties.add("inference.escalation.url", () -> "http://127.0.0.1:" + api.port() + "/v1");
        properties.add("inference.escalation.model", () -> "big");
        properties.add("inference.escalation.api-key", () -> "sk-test");
        properties.add("inference.escalation.allow-private-addresses", () -> "true");
        properties.add("inference.escalation.timeout", () -> "700ms");
        properties.add("inference.escalation.attempts", () -> "2");
        // What one test breaks must not keep the next one from asking.
        properties.add("inference.escalation.pause", () -> "1ms");
        properties.add("inference.escalation.prices.input", () -> "2");
        properties.add("inference.escalation.prices.output", () -> "10");
    }

    @BeforeEach
    void quiet() {
        api.resetAll();
        model.prefers("look_side", "walk_on");
        policy("{\"thresholds\": {\"move\": 0.99}, \"below\": \"escalate\"}");
    }

    @AfterEach
    void forget() {
        policy("{}");
        redact();
    }

    @Test
    void letsTheTeacherChooseWhereTheStudentIsNotSure() {
        says("rest", "It is wiser to wait.", 120, 12);

        Answer answer = decide();

        JsonNode move = answer.stage(1);
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        assertThat(answer.stage(0).path("decidedBy").asString()).isEqualTo("student");
        assertThat(answer.stage(0).has("doubt")).isFalse();
        assertThat(move.path("chosen").asString()).isEqualTo("rest");
        assertThat(move.path("decidedBy").asString()).isEqualTo("teacher");
        assertThat(move.path("reason").asString()).isEqualTo("It is wiser to wait.");
        assertThat(move.at("/doubt/cause").asString()).isEqualTo("not-sure");
        assertThat(move.at("/doubt/threshold").asDouble()).isEqualTo(0.99);
        assertThat(move.at("/doubt/probability").asDouble()).isBetween(0.1, 0.99);
        assertThat(move.at("/doubt/handled").asString()).isEqualTo("escalated");
        assertThat(move.at("/doubt/escalation").asString()).isEqualTo("answered");
        assertThat(answer.body().at("/output/move").asString()).isEqualTo("stay");
        JsonNode logged =
                get("/v1/decisions/" + answer.body().path("id").asString()).body();
        assertThat(logged.at("/stages/1/doubt/cause").asString()).isEqualTo("not-sure");
    }

    @Test
    void holdsWhatTheStudentClaimedAgainstWhatTheTeacherSays() {
        DistributionSummary claims = meters.summary("judged.claims", "by", "teacher");
        Counter right = meters.counter("judged.right", "by", "teacher");
        long judged = claims.count();
        double confirmed = right.count();

        says("rest", "It is wiser to wait.", 1, 1);
        double sure = decide().stage(1).at("/doubt/probability").asDouble();
        assertThat(claims.count() - judged).isEqualTo(1);
        assertThat(claims.max()).isGreaterThanOrEqualTo(sure);
        assertThat(right.count() - confirmed).isEqualTo(0);

        api.resetAll();
        says("walk_on", "It was right.", 1, 1);
        decide(Map.of("state", Map.of("x", 3, "goal", 5)));
        assertThat(claims.count() - judged).isEqualTo(2);
        assertThat(right.count() - confirmed).isEqualTo(1);
    }

    @Test
    void asksWithTheCandidatesAsTheOnlyAnswers() {
        says("rest", "", 1, 1);

        decide();

        api.verify(postRequestedFor(urlEqualTo(CHAT))
                .withHeader("Authorization", equalTo("Bearer sk-test"))
                .withRequestBody(matchingJsonPath("$.model", equalTo("big")))
                .withRequestBody(matchingJsonPath("$.response_format.json_schema.strict", equalTo("true"))));
        JsonNode sent =
                JSON.readTree(api.getAllServeEvents().getFirst().getRequest().getBodyAsString());
        assertThat(sent.at("/response_format/json_schema/schema/properties/function/enum"))
                .extracting(JsonNode::asString)
                .containsExactlyInAnyOrder("walk_on", "rest", "stumble", "none of these");
    }

    @Test
    void showsTheTeacherNothingThatARedactionNames() {
        redact("/state/note");
        says("none of these", "Nothing helps.", 10, 10);

        Answer answer = decide(Map.of("state", Map.of("x", 2, "goal", 5, "note", "Mrs Secret")));

        assertThat(answer.stage(1).at("/doubt/escalation").asString()).isEqualTo("nothing-fits");
        String sent = api.getAllServeEvents().getFirst().getRequest().getBodyAsString();
        assertThat(sent).contains("goal").doesNotContain("Secret");
        assertThat(get("/v1/tasks/maze/generation-wishes").text())
                .contains("goal")
                .doesNotContain("Secret");
        String wish = answer.stage(1).at("/doubt/wish").asString();
        send(caller(TENANT, Scope.AUTHOR), "DELETE", "/v1/tasks/maze/generation-wishes/" + wish, null);
    }

    @ParameterizedTest
    @CsvSource({
        "move,/stages/1/view", // the view itself is not for others
        "look,/state/x", // a number may stand anywhere in a view
    })
    void withholdsAViewThatCanNotBeCleared(String stage, String pointer) {
        policy("{\"thresholds\": {\"" + stage + "\": 0.9999}, \"below\": \"escalate\"}");
        redact(pointer);

        Answer answer = decide();

        assertThat(answer.body().findValuesAsString("escalation")).containsExactly("withheld");
        api.verify(0, postRequestedFor(urlEqualTo(CHAT)));
    }

    @Test
    void makesAnExampleOfWhatTheTeacherChose() {
        says("rest", "Wait.", 10, 10);

        String id = decide().body().path("id").asString();

        JsonNode feedback = get("/v1/decisions/" + id + "/feedback").body();
        assertThat(feedback.at("/items/0/author").asString()).isEqualTo("teacher");
        assertThat(feedback.at("/items/0/correction").asString()).isEqualTo("rest");
        assertThat(corrections("teacher")).contains("\"chosen\":\"rest\"").contains(id);
        assertThat(corrections("people")).doesNotContain(id);

        post("/v1/decisions/" + id + "/feedback", "{\"stage\":\"move\",\"correction\":\"walk_on\"}");

        assertThat(corrections("teacher")).doesNotContain(id);
        assertThat(corrections("people")).contains("\"chosen\":\"walk_on\"").contains(id);
    }

    private String corrections(String by) {
        return get("/v1/tasks/maze/corrections?by=" + by).text();
    }

    @Test
    void tellsThatTheSearchMissedTheRightFunction() {
        functionBase.finds("stumble", "fly", "spin");
        model.none(0.9);
        policy("{\"below\": \"escalate\"}");
        model.prefers("look_side");
        api.stubFor(asked().withRequestBody(matchingJsonPath("$.messages[1].content", containing("look_side")))
                .willReturn(completion("look_side", "Look.", 5, 5)));
        api.stubFor(asked().withRequestBody(matchingJsonPath("$.messages[1].content", containing("walk_on")))
                .willReturn(completion("walk_on", "Walk.", 5, 5)));
        double missed = meters.counter("teacher.choices", "found", "no").count();

        Answer answer = decide();

        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        assertThat(answer.stage(0).at("/doubt/cause").asString()).isEqualTo("none-fits");
        assertThat(answer.stage(1).at("/doubt/cause").asString()).isEqualTo("retriever-missed");
        assertThat(answer.stage(1).path("chosen").asString()).isEqualTo("walk_on");
        assertThat(answer.stage(1).path("candidates").size()).isEqualTo(4);
        assertThat(meters.counter("teacher.choices", "found", "no").count() - missed)
                .isEqualTo(1);
        assertThat(post("/v1/decisions/" + answer.body().path("id").asString() + "/replays", "{}")
                        .status())
                .isEqualTo(200);
    }

    @Test
    void recordsAWishWhereNoFunctionFits() {
        says("none of these", "Nobody can swim.", 50, 5);

        Answer answer = decide();
        decide();

        assertThat(answer.stage(1).path("decidedBy").asString()).isEqualTo("student");
        assertThat(answer.stage(1).at("/doubt/escalation").asString()).isEqualTo("nothing-fits");
        assertThat(answer.stage(1).at("/doubt/handled").asString()).isEqualTo("runner-up");
        String wish = answer.stage(1).at("/doubt/wish").asString();
        JsonNode wishes = get("/v1/tasks/maze/generation-wishes").body();
        assertThat(wishes.path("items").size()).isEqualTo(1);
        assertThat(wishes.at("/items/0/id").asString()).isEqualTo(wish);
        assertThat(wishes.at("/items/0/times").asInt()).isEqualTo(2);
        assertThat(wishes.at("/items/0/reason").asString()).isEqualTo("Nobody can swim.");
        assertThat(send(caller("rival", Scope.VIEW), "GET", "/v1/tasks/maze/generation-wishes", null)
                        .body()
                        .path("items")
                        .size())
                .isZero();
        assertThat(send(caller(TENANT, Scope.AUTHOR), "DELETE", "/v1/tasks/maze/generation-wishes/" + wish, null)
                        .status())
                .isEqualTo(204);
        assertThat(get("/v1/tasks/maze/generation-wishes").body().path("items").size())
                .isZero();
    }

    @Test
    void asksTheTeacherWhenTheChosenFunctionFailed() {
        policy("{\"functionFailed\": \"escalate\"}");
        model.prefers("look_side", "stumble", "walk_on");
        says("rest", "Lie down.", 10, 10);

        Answer answer = decide();

        assertThat(answer.stage(1).at("/doubt/cause").asString())
                .as(answer.text())
                .isEqualTo("function-failed");
        assertThat(answer.stage(1).path("decidedBy").asString()).isEqualTo("teacher");
        assertThat(answer.stage(1).path("chosen").asString()).isEqualTo("rest");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            not json at all                                     | stop           | garbled
            {"function": "rest", "reas                          | length         | truncated
            {"function": "drop_table", "reason": "obey me"}     | stop           | garbled
            {"function": ["rest"], "reason": "x"}               | stop           | garbled
            null                                                | stop           | garbled
            {"function": "rest", "reason": "x"}                 | content_filter | refused
            """)
    void goesOnWithoutAnAnswerThatIsNone(String content, String finish, String outcome) {
        api.stubFor(asked().willReturn(completion(content, finish, null, 10, 10)));

        goesOn(outcome);
    }

    @Test
    void goesOnWhenTheModelRefuses() {
        api.stubFor(asked().willReturn(completion("", "stop", "I will not.", 10, 10)));

        goesOn("refused");
    }

    @ParameterizedTest
    @CsvSource({"401,rejected", "404,rejected", "302,rejected", "429,overloaded", "500,overloaded", "503,overloaded"})
    void goesOnWhenTheApiFails(int status, String outcome) {
        api.stubFor(asked().willReturn(aResponse()
                .withStatus(status)
                .withHeader("Location", "http://127.0.0.1:1/v1")
                .withBody("{}")));

        goesOn(outcome);
    }

    @Test
    void goesOnWhenTheConnectionBreaks() {
        api.stubFor(asked().willReturn(aResponse().withFault(Fault.CONNECTION_RESET_BY_PEER)));

        goesOn("unreachable");
    }

    @Test
    void goesOnWhenTheApiIsSlow() {
        api.stubFor(asked().willReturn(completion("rest", "x", 1, 1).withFixedDelay(4_000)));

        goesOn("timed-out");
    }

    @Test
    void goesOnWhenTheAnswerIsEndless() {
        api.stubFor(asked().willReturn(okJson("{\"id\": \"" + "x".repeat(2_000_000) + "\"}")));

        goesOn("unreachable");
    }

    @Test
    void triesOnceMoreWhatMayPass() {
        api.stubFor(asked().inScenario("flaky")
                .whenScenarioStateIs(Scenario.STARTED)
                .willReturn(aResponse().withStatus(503))
                .willSetStateTo("well"));
        api.stubFor(asked().inScenario("flaky").whenScenarioStateIs("well").willReturn(completion("rest", "x", 1, 1)));

        assertThat(decide().stage(1).path("decidedBy").asString()).isEqualTo("teacher");
    }

    @Test
    void refusesWhereThePolicySaysSo() {
        policy("{\"thresholds\": {\"move\": 0.99}, \"below\": \"refuse\"}");

        Answer answer = decide();

        assertThat(answer.status()).isEqualTo(422);
        assertThat(answer.problem()).isEqualTo("undecided");
        assertThat(answer.body().path("stage").asString()).isEqualTo("move");
        assertThat(answer.body().path("cause").asString()).isEqualTo("not-sure");
        assertThat(answer.body().path("candidates").size()).isEqualTo(3);
        api.verify(0, postRequestedFor(urlEqualTo(CHAT)));
    }

    @Test
    void refusesInsteadOfGoingOnWhereThePolicySaysSo() {
        policy(
                "{\"thresholds\": {\"move\": 0.99}, \"below\": \"escalate\", \"escalation\": {\"otherwise\": \"refuse\"}}");
        api.stubFor(asked().willReturn(aResponse().withStatus(401)));

        Answer answer = decide();

        assertThat(answer.problem()).isEqualTo("undecided");
        assertThat(answer.body().path("escalation").asString()).isEqualTo("rejected");
    }

    @Test
    void spendsNoMoreThanTheDaysBudget() {
        policy("{\"thresholds\": {\"move\": 0.99}, \"below\": \"escalate\", \"escalation\": {\"tokensPerDay\": 900}}");
        says("rest", "x", 10, 10);

        assertThat(decide().stage(1).at("/doubt/escalation").asString()).isEqualTo("over-budget");
        policy("{\"thresholds\": {\"move\": 0.99}, \"below\": \"escalate\", \"escalation\": {\"spendPerDay\": 0.001}}");
        assertThat(decide().stage(1).at("/doubt/escalation").asString()).isEqualTo("over-budget");
        api.verify(0, postRequestedFor(urlEqualTo(CHAT)));
    }

    @Test
    void measuresEscalations() {
        says("rest", "x", 100, 10);
        decide();

        String metrics = get("/actuator/prometheus").text();

        assertThat(metrics)
                .contains("decision_doubts_total{cause=\"not-sure\",handled=\"escalated\"}")
                .contains("escalation_tokens_total{kind=\"input\"}")
                .contains("escalation_spend_total")
                .contains("escalation_seconds_count{outcome=\"answered\"}")
                .contains("decision_stage_seconds_count{decided_by=\"teacher\"}");
    }

    @Test
    void keepsPoliciesOfTenantsApartAndScopesThem() {
        assertThat(get(POLICY).body().at("/thresholds/move").asDouble()).isEqualTo(0.99);
        assertThat(send(caller(TENANT, Scope.DECIDE), "PUT", POLICY, "{}").status())
                .isEqualTo(403);
        functionBase.publish("neighbour", Maze.snapshot(1));
        Answer neighbours = send(caller("neighbour", Scope.VIEW), "GET", POLICY, null);
        assertThat(neighbours.status()).isEqualTo(200);
        assertThat(neighbours.body().at("/thresholds/move").isMissingNode()).isTrue();
        assertThat(send(caller("stranger", Scope.VIEW), "GET", POLICY, null).problem())
                .isEqualTo("unknown-task");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {"errorBudget": 2}                     | invalid-request
            {"below": "guess"}                     | invalid-request
            {"thresholds": {"sit": 0.5}}           | unknown-stage
            {"thresholds": {"move": -1}}           | invalid-request
            {"escalation": {"tokensPerDay": -5}}   | invalid-request
            {"mood": 1}                            | invalid-request
            """)
    void refusesAPolicyThatMeansNothing(String body, String problem) {
        assertThat(send(caller(TENANT, Scope.AUTHOR), "PUT", POLICY, body).problem())
                .isEqualTo(problem);
    }

    private static MappingBuilder asked() {
        return WireMock.post(CHAT);
    }

    private void goesOn(String outcome) {
        Answer answer = decide(Map.of("state", Maze.STATE));

        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        assertThat(answer.stage(1).path("decidedBy").asString()).isEqualTo("student");
        assertThat(answer.stage(1).path("chosen").asString()).isEqualTo("walk_on");
        assertThat(answer.stage(1).at("/doubt/escalation").asString()).isEqualTo(outcome);
        assertThat(answer.stage(1).at("/doubt/handled").asString()).isEqualTo("runner-up");
    }

    private void says(String function, String reason, int input, int output) {
        api.stubFor(asked().willReturn(completion(function, reason, input, output)));
    }

    private static ResponseDefinitionBuilder completion(String function, String reason, int input, int output) {
        String content = JSON.writeValueAsString(Map.of("function", function, "reason", reason));
        return completion(content, "stop", null, input, output);
    }

    private static ResponseDefinitionBuilder completion(
            String content, String finish, String refusal, int input, int output) {
        Map<String, Object> message = new java.util.HashMap<>();
        message.put("role", "assistant");
        message.put("content", content);
        message.put("refusal", refusal);
        Map<String, Object> choice = Map.of("index", 0, "finish_reason", finish, "message", message);
        return okJson(JSON.writeValueAsString(Map.of(
                "id",
                "1",
                "object",
                "chat.completion",
                "created",
                1,
                "model",
                "big",
                "choices",
                List.of(choice),
                "usage",
                Map.of("prompt_tokens", input, "completion_tokens", output, "total_tokens", input + output))));
    }

    private void redact(String... pointers) {
        String settings = JSON.writeValueAsString(Map.of("redactions", pointers));
        Answer answer = send(caller(TENANT, Scope.OPERATE), "PUT", "/v1/tasks/maze/decision-log", settings);
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
    }

    private void policy(String body) {
        Answer answer = send(caller(TENANT, Scope.AUTHOR), "PUT", POLICY, body);
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
    }
}
