package io.logicdistillation.distillation.students;

import static org.assertj.core.api.Assertions.assertThat;

import io.logicdistillation.contracts.ProblemType;
import io.logicdistillation.kit.Scope;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

class CanariesTest extends StudentsHttpTest {
    private static final String TENTH = "{\"reason\":\"looks better\",\"canary\":{\"percent\":10}}";
    private static final String GOOD = arm(1_000, 2, 100);
    private static final String BAD = arm(1_000, 2, 300);

    private String serving = "";
    private String tried = "";

    @BeforeEach
    void twoStudents() throws Exception {
        serving = uploaded(StudentPackage.tuned("serving", "pursuit"));
        tried = uploaded(StudentPackage.tuned("tried", "pursuit"));
        assertThat(promote(serving, "{}").statusCode()).isEqualTo(200);
    }

    @Test
    void showsACanaryBesideTheStudentThatServes() throws Exception {
        String etag = get("/v1/students").headers().firstValue("ETag").orElseThrow();

        JsonNode answer = json(promote(tried, TENTH));

        assertThat(answer.get("promoted").booleanValue()).isFalse();
        JsonNode canary = answer.get("canary");
        assertThat(canary.get("student").stringValue()).isEqualTo(tried);
        assertThat(canary.get("serving").stringValue()).isEqualTo(serving);
        assertThat(canary.get("percent").intValue()).isEqualTo(10);
        JsonNode promoted = json(get("/v1/students?task=pursuit&promoted=true")).get("items");
        assertThat(promoted.size()).isEqualTo(1);
        assertThat(promoted.get(0).get("id").stringValue()).isEqualTo(serving);
        assertThat(promoted.get(0).get("canary")).isEqualTo(canary);
        assertThat(send(request("/v1/students").header("If-None-Match", etag)).statusCode())
                .isEqualTo(200);
    }

    @Test
    void startsOnceHoweverOftenItIsAskedFor() throws Exception {
        String first = canary(json(promote(tried, TENTH)));
        String again = canary(json(promote(tried, TENTH)));

        assertThat(again).isEqualTo(first);
        assertThat(journal(tried).size()).isEqualTo(1);
        JsonNode entry = journal(tried).get(0);
        assertThat(entry.get("kind").stringValue()).isEqualTo("promotion");
        assertThat(entry.get("reason").stringValue()).isEqualTo("looks better");
        assertThat(entry.get("decidedBy").stringValue()).isEqualTo("tester");
        assertThat(entry.at("/canary/event").stringValue()).isEqualTo("started");
        assertThat(entry.at("/canary/terms/minDecisions").intValue()).isEqualTo(200);
        assertThat(entry.at("/canary/terms/maxErrorIncrease").doubleValue()).isZero();
    }

    @Test
    void changesTheShareOfTheSameCanary() throws Exception {
        String first = canary(json(promote(tried, TENTH)));
        report(first, GOOD, GOOD);

        JsonNode changed = json(promote(tried, "{\"canary\":{\"percent\":50}}"));

        assertThat(canary(changed)).isEqualTo(first);
        assertThat(changed.at("/canary/percent").intValue()).isEqualTo(50);
        assertThat(journal(tried).get(0).at("/canary/event").stringValue()).isEqualTo("changed");
        assertThat(journal(tried).get(0).at("/canary/terms/percent").intValue()).isEqualTo(50);
        assertThat(journal(tried).get(1).at("/canary/terms/percent").intValue()).isEqualTo(10);
    }

    @Test
    void passesTheSameGate() throws Exception {
        String untuned = uploaded(StudentPackage.untuned("pursuit"));
        assertProblem(promote(untuned, "{\"canary\":{\"percent\":5}}"), ProblemType.GATE_REFUSED);
        assertProblem(promote(untuned, "{\"override\":true,\"canary\":{\"percent\":5}}"), ProblemType.INVALID_REQUEST);

        HttpResponse<String> forced =
                promote(untuned, "{\"override\":true,\"reason\":\"to see\",\"canary\":{\"percent\":5}}");

        assertThat(forced.statusCode()).isEqualTo(200);
        assertThat(journal(untuned).get(0).get("overrode").stringValue()).contains("no figures");
    }

    @Test
    void hasOneCanaryAtMost() throws Exception {
        promote(tried, TENTH);
        String third = uploaded(StudentPackage.tuned("third", "pursuit"));

        HttpResponse<String> refused = promote(third, TENTH);

        assertProblem(refused, ProblemType.CONFLICT);
        assertThat(json(refused).get("canary").stringValue()).isEqualTo(tried);
        assertProblem(promote(serving, TENTH), ProblemType.CONFLICT);
    }

    @Test
    void keepsOneCanaryWhenManyAreStartedAtOnce() throws Exception {
        List<String> all = new ArrayList<>(List.of(tried));
        for (int number = 0; number < 3; number++) {
            all.add(uploaded(StudentPackage.tuned("rival-" + number, "pursuit")));
        }
        List<Integer> answers = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Integer>> asked = all.stream()
                    .map(student -> threads.submit(() -> promote(student, TENTH).statusCode()))
                    .toList();
            for (Future<Integer> answer : asked) {
                answers.add(answer.get());
            }
        }
        assertThat(answers).containsOnlyOnce(200).containsOnly(200, 409);
    }

    @Test
    void needsAStudentToBeComparedWith() throws Exception {
        String alone = uploaded(StudentPackage.tuned("alone", "twenty-one"));

        assertProblem(promote(alone, TENTH), ProblemType.CONFLICT);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "{\"percent\":0}",
                "{\"percent\":100}",
                "{\"percent\":-3}",
                "{\"percent\":\"much\"}",
                "{\"percent\":10,\"minDecisions\":0}",
                "{\"percent\":10,\"maxErrorIncrease\":1.5}",
                "{\"percent\":10,\"maxEscalationIncrease\":-0.1}",
                "{\"percent\":10,\"share\":1}",
                "10"
            })
    void refusesTermsThatMeanNothing(String terms) throws Exception {
        assertProblem(promote(tried, "{\"canary\":" + terms + "}"), ProblemType.INVALID_REQUEST);
        assertThat(json(get("/v1/students/" + tried)).has("canary")).isFalse();
    }

    @Test
    void completesByAPromotion() throws Exception {
        String canary = canary(json(promote(tried, TENTH)));
        report(canary, GOOD, GOOD);

        JsonNode answer = json(promote(tried, "{\"reason\":\"as good\"}"));

        assertThat(answer.get("promoted").booleanValue()).isTrue();
        assertThat(answer.has("canary")).isFalse();
        assertThat(json(get("/v1/students/" + serving)).has("canary")).isFalse();
        JsonNode journal = journal(tried);
        assertThat(journal.size()).isEqualTo(2);
        assertThat(journal.get(0).get("kind").stringValue()).isEqualTo("promotion");
        assertThat(journal.get(0).get("reason").stringValue()).isEqualTo("as good");
        assertThat(journal.get(0).at("/canary/event").stringValue()).isEqualTo("completed");
        assertThat(journal.get(0).at("/canary/figures/canary/decisions").intValue())
                .isEqualTo(1_000);
        assertThat(promote(tried, "{}").statusCode()).isEqualTo(200);
        assertThat(journal(tried).size()).isEqualTo(2);
        assertThat(json(post("/v1/students/" + tried + "/rollbacks", "{}"))
                        .get("id")
                        .stringValue())
                .isEqualTo(serving);
    }

    @Test
    void endsByARollbackInOneCall() throws Exception {
        promote(tried, TENTH);

        for (int time = 0; time < 2; time++) {
            HttpResponse<String> answer = post("/v1/students/" + tried + "/rollbacks", "{\"reason\":\"odd\"}");
            assertThat(answer.statusCode()).isEqualTo(200);
            assertThat(json(answer).get("id").stringValue()).isEqualTo(serving);
            assertThat(json(answer).has("canary")).isFalse();
        }

        JsonNode journal = journal(tried);
        assertThat(journal.size()).isEqualTo(2);
        assertThat(journal.get(0).get("kind").stringValue()).isEqualTo("rollback");
        assertThat(journal.get(0).get("rolledBack").stringValue()).isEqualTo(tried);
        assertThat(journal.get(0).get("student").stringValue()).isEqualTo(serving);
        assertThat(journal.get(0).get("reason").stringValue()).isEqualTo("odd");
        assertThat(journal.get(0).at("/canary/event").stringValue()).isEqualTo("rolled-back");
        assertThat(promote(tried, TENTH).statusCode()).isEqualTo(200);
    }

    @Test
    void endsWhenAnotherStudentServes() throws Exception {
        promote(tried, TENTH);
        String third = uploaded(StudentPackage.tuned("third", "pursuit"));

        promote(third, "{}");

        assertThat(json(get("/v1/students/" + tried)).has("canary")).isFalse();
        assertThat(journal(tried).get(0).at("/canary/event").stringValue()).isEqualTo("superseded");
        promote(tried, TENTH);
        post("/v1/students/" + third + "/rollbacks", "{}");
        assertThat(json(get("/v1/students/" + tried)).has("canary")).isFalse();
        assertThat(json(get("/v1/students/" + serving)).get("promoted").booleanValue())
                .isTrue();
    }

    @Test
    void rollsBackByItselfWhatEscalatesMore() throws Exception {
        String canary = canary(json(promote(tried, TENTH)));
        assertThat(running(report(canary, arm(150, 0, 140), arm(1_350, 0, 100))))
                .isTrue();

        assertThat(running(report(canary, BAD, GOOD))).isFalse();

        JsonNode entry = journal(tried).get(0);
        assertThat(entry.get("decidedBy").stringValue()).isEqualTo("automatic rollback");
        assertThat(entry.get("reason").stringValue())
                .startsWith("escalations: 0.3000 of 1000, the serving student has 0.1000 of 1000;");
        assertThat(entry.at("/canary/event").stringValue()).isEqualTo("rolled-back");
        assertThat(entry.at("/canary/figures/canary/escalations").intValue()).isEqualTo(300);
        assertThat(json(get("/v1/students/" + serving)).has("canary")).isFalse();
        assertThat(running(report(canary, GOOD, GOOD))).isFalse();
        assertThat(journal(tried).size()).isEqualTo(2);
    }

    @Test
    void keepsACanaryThatIsAsGood() throws Exception {
        String canary = canary(json(promote(tried, TENTH)));

        assertThat(running(report(canary, GOOD, GOOD))).isTrue();

        JsonNode entry = journal(tried).get(0);
        assertThat(entry.at("/canary/event").stringValue()).isEqualTo("started");
        assertThat(entry.at("/canary/figures/serving/escalations").intValue()).isEqualTo(100);
        assertThat(json(get("/v1/students/" + tried)).has("canary")).isTrue();
    }

    @Test
    void takesReportsOfManyReplicasInAnyOrder() throws Exception {
        String canary = canary(json(promote(tried, TENTH)));
        report(canary, GOOD, GOOD);
        assertThat(running(report(canary, arm(900, 900, 0), GOOD))).isTrue();
        assertThat(journal(tried).get(0).at("/canary/figures/canary/errors").intValue())
                .isEqualTo(2);
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Integer>> answers = new ArrayList<>();
            for (int replica = 0; replica < 6; replica++) {
                answers.add(threads.submit(() ->
                        report(canary, arm(2_000, 4, 600), arm(2_000, 4, 200)).statusCode()));
            }
            for (Future<Integer> answer : answers) {
                assertThat(answer.get()).isEqualTo(200);
            }
        }
        assertThat(journal(tried).size()).isEqualTo(2);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "{\"canary\":{\"decisions\":1}}",
                "{\"canary\":null,\"serving\":null}",
                "{\"canary\":{\"decisions\":1,\"errors\":2},\"serving\":{}}",
                "[]"
            })
    void refusesFiguresThatMeanNothing(String figures) throws Exception {
        String canary = canary(json(promote(tried, TENTH)));
        assertProblem(report(canary, figures), ProblemType.INVALID_REQUEST);
    }

    @Test
    void letsNobodyElseReport() throws Exception {
        String canary = canary(json(promote(tried, TENTH)));
        String body = "{\"canary\":" + BAD + ",\"serving\":" + GOOD + "}";
        String path = "/v1/canaries/" + canary + "/figures";

        assertProblem(put(as(tenant + "-other", path, Scope.OPERATE), body), ProblemType.NOT_FOUND);
        assertProblem(put(as(tenant, path, Scope.VIEW, Scope.DECIDE, Scope.AUTHOR), body), ProblemType.FORBIDDEN);
        assertProblem(put(request("/v1/canaries/none/figures"), body), ProblemType.INVALID_REQUEST);
        assertThat(json(get("/v1/students/" + tried)).has("canary")).isTrue();
        assertThat(json(send(as(tenant + "-other", "/v1/students", Scope.VIEW)))
                        .get("items")
                        .size())
                .isZero();
    }

    @Test
    void tellsOfCanariesInTheModelCard() throws Exception {
        promote(tried, TENTH);

        assertThat(get("/v1/students/" + tried + "/card").body()).contains("canary of 10%: started");
    }

    private HttpResponse<String> promote(String student, String body) throws Exception {
        return post("/v1/students/" + student + "/promotions", body);
    }

    private JsonNode journal(String student) throws Exception {
        return json(get("/v1/students/" + student + "/promotions")).get("items");
    }

    private static String canary(JsonNode student) {
        return student.at("/canary/id").stringValue();
    }

    private HttpResponse<String> report(String canary, String own, String servings) throws Exception {
        return report(canary, "{\"canary\":" + own + ",\"serving\":" + servings + "}");
    }

    private HttpResponse<String> report(String canary, String figures) throws Exception {
        return put(request("/v1/canaries/" + canary + "/figures"), figures);
    }

    private static HttpResponse<String> put(HttpRequest.Builder request, String body) throws Exception {
        return send(request.header("Content-Type", "application/json").PUT(HttpRequest.BodyPublishers.ofString(body)));
    }

    private static boolean running(HttpResponse<String> answer) {
        return json(answer).get("running").booleanValue();
    }

    private static String arm(int decisions, int errors, int escalations) {
        return "{\"decisions\":%d,\"errors\":%d,\"escalations\":%d,\"corrected\":0,\"disagreeing\":0}"
                .formatted(decisions, errors, escalations);
    }
}
