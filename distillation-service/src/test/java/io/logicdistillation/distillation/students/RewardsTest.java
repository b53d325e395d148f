package io.logicdistillation.distillation.students;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.logicdistillation.contracts.ProblemType;
import io.logicdistillation.kit.Scope;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.IntToDoubleFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

class RewardsTest extends StudentsHttpTest {
    /** Of two evaders, how many were caught; every fifth board is a hard one. */
    private static final IntToDoubleFunction GOOD = seed -> seed % 5 == 0 ? 0.5 : 1;

    private static final IntToDoubleFunction POOR = seed -> seed % 5 == 0 ? 0 : seed % 2 == 0 ? 1 : 0.5;
    private static final IntToDoubleFunction ALL = seed -> 1;

    @Test
    void refusesAStudentThatGetsLessThanTheOneThatServesInTheSameEpisodes() throws Exception {
        String serving = uploaded(StudentPackage.tuned("serving", "pursuit"));
        String poor = uploaded(StudentPackage.tuned("poor", "pursuit"));
        assertThat(promote(serving).statusCode()).isEqualTo(200);
        reported(serving, "v1", 50, GOOD, null);
        reported(poor, "v1", 50, POOR, null);
        HttpResponse<String> refused = promote(poor);
        assertProblem(refused, ProblemType.GATE_REFUSED);
        assertThat(reasons(refused))
                .singleElement()
                .asString()
                .contains("pursuit: 0.600", "has 0.900", "same 50 episodes");
        JsonNode reward = judged(poor).at("/rewards/0");
        assertThat(reward.get("reward").doubleValue()).isEqualTo(0.6);
        assertThat(reward.at("/serving/difference/value").doubleValue()).isEqualTo(-0.3);
        assertThat(reward.at("/serving/difference/high").doubleValue()).isNegative();
        String asGood = uploaded(StudentPackage.tuned("as-good", "pursuit"));
        reported(asGood, "v1", 50, seed -> seed % 17 == 1 ? 0.5 : GOOD.applyAsDouble(seed), null);
        assertThat(promote(asGood).statusCode()).isEqualTo(200);
    }

    @Test
    void refusesAStudentWhoseShareOfTheTeachersRewardIsTooSmallBeyondChance() throws Exception {
        String poor = uploaded(StudentPackage.tuned("poor", "pursuit"));
        reported(poor, "v1", 50, POOR, ALL);
        HttpResponse<String> refused = promote(poor);
        assertProblem(refused, ProblemType.GATE_REFUSED);
        assertThat(reasons(refused)).singleElement().asString().contains("its share is 0.600", "0.800 is needed");
        String good = uploaded(StudentPackage.tuned("good", "pursuit"));
        reported(good, "v1", 50, GOOD, ALL);
        assertThat(judged(good).at("/rewards/0/teacher/share/value").doubleValue())
                .isCloseTo(0.9, within(1e-9));
        assertThat(promote(good).statusCode()).isEqualTo(200);
    }

    @Test
    void comparesNothingThatWasNotPlayedAlike() throws Exception {
        String serving = uploaded(StudentPackage.tuned("serving", "pursuit"));
        String other = uploaded(StudentPackage.tuned("other", "pursuit"));
        assertThat(promote(serving).statusCode()).isEqualTo(200);
        reported(serving, "v1", 50, ALL, null);
        reported(other, "v2", 50, POOR, null);
        assertThat(judged(other).at("/rewards/0").has("serving")).isFalse();
        assertThat(promote(other).statusCode()).isEqualTo(200);
    }

    @Test
    void leavesAFewEpisodesToChance() throws Exception {
        String serving = uploaded(StudentPackage.tuned("serving", "pursuit"));
        String other = uploaded(StudentPackage.tuned("other", "pursuit"));
        assertThat(promote(serving).statusCode()).isEqualTo(200);
        reported(serving, "v1", 29, ALL, null);
        reported(other, "v1", 29, seed -> 0, null);
        assertThat(judged(other).at("/rewards/0/serving/difference/value").doubleValue())
                .isEqualTo(-1);
        assertThat(promote(other).statusCode()).isEqualTo(200);
    }

    @Test
    void saysWhatIsMissingWhereATaskNeedsRewards() throws Exception {
        String first = uploaded(StudentPackage.tuned("first", "rewarded"));
        assertThat(reasons(promote(first)))
                .singleElement()
                .asString()
                .contains("no environment has reported", "30 are needed", "POST /v1/students/" + first + "/rewards");
        reported(first, "v1", 20, ALL, null);
        assertThat(reasons(promote(first))).containsExactly("reward in pursuit: 20 episodes, 30 are needed");
        reported(first, "v1", 40, ALL, null);
        assertThat(promote(first).statusCode()).isEqualTo(200);
        String second = uploaded(StudentPackage.tuned("second", "rewarded"));
        reported(second, "v2", 40, ALL, null);
        assertThat(reasons(promote(second)))
                .singleElement()
                .asString()
                .contains("the serving student has played 0 of its episodes");
        assertThat(post("/v1/students/" + second + "/promotions", "{\"override\":true,\"reason\":\"v1 is gone\"}")
                        .statusCode())
                .isEqualTo(200);
        assertThat(json(get("/v1/students/" + second + "/promotions"))
                        .at("/items/0/overrode")
                        .stringValue())
                .contains("has played 0 of its episodes");
    }

    @Test
    void judgesTheNewestVersionOfEachEnvironment() throws Exception {
        String student = uploaded(StudentPackage.tuned("student", "pursuit"));
        reported(student, "v1", 40, seed -> 0, ALL);
        reported(student, "v2", 40, ALL, ALL);
        post("/v1/students/" + student + "/rewards", body("larger-boards", "v1", 3, ALL, null));
        JsonNode rewards = judged(student).get("rewards");
        assertThat(rewards.size()).isEqualTo(2);
        assertThat(rewards.at("/0/environment").stringValue()).isEqualTo("larger-boards");
        assertThat(rewards.at("/1/version").stringValue()).isEqualTo("v2");
        assertThat(promote(student).statusCode()).isEqualTo(200);
    }

    @Test
    void takesAnEpisodeOnceAndNoSecondRewardForIt() throws Exception {
        String student = uploaded(StudentPackage.tuned("student", "pursuit"));
        HttpResponse<String> first = report(student, body("pursuit", "v1", 10, GOOD, ALL));
        assertThat(first.statusCode()).isEqualTo(201);
        assertThat(json(first).get("added").intValue()).isEqualTo(10);
        HttpResponse<String> again = report(student, body("pursuit", "v1", 12, GOOD, ALL));
        assertThat(json(again).get("added").intValue()).isEqualTo(2);
        assertThat(json(again).get("known").intValue()).isEqualTo(10);
        assertThat(report(student, body("pursuit", "v1", 12, GOOD, ALL)).statusCode())
                .isEqualTo(200);
        HttpResponse<String> better = report(student, body("pursuit", "v1", 13, ALL, ALL));
        assertProblem(better, ProblemType.CONFLICT);
        assertThat(json(better).get("detail").stringValue()).startsWith("Episode 0 of the student");
        HttpResponse<String> taught = report(student, body("pursuit", "v1", 13, GOOD, seed -> 0));
        assertProblem(taught, ProblemType.CONFLICT);
        assertThat(json(taught).get("detail").stringValue()).startsWith("Episode 0 of the teacher");
        assertThat(judged(student).at("/rewards/0/episodes").intValue()).isEqualTo(12);
    }

    @Test
    void readsBackPageByPage() throws Exception {
        String student = uploaded(StudentPackage.tuned("student", "pursuit"));
        reported(student, "v1", 5, GOOD, ALL);
        List<Long> seeds = new ArrayList<>();
        String cursor = "";
        while (cursor != null) {
            JsonNode page = json(get("/v1/students/" + student + "/rewards?environment=pursuit&limit=2" + cursor));
            page.get("items").forEach(item -> seeds.add(item.get("seed").longValue()));
            cursor = page.has("next") ? "&cursor=" + page.get("next").stringValue() : null;
        }
        assertThat(seeds).containsExactly(4L, 3L, 2L, 1L, 0L);
        JsonNode one = json(get("/v1/students/" + student + "/rewards")).at("/items/4");
        assertThat(one.get("reward").doubleValue()).isEqualTo(0.5);
        assertThat(one.get("teacher").doubleValue()).isEqualTo(1);
        assertThat(one.get("reportedBy").stringValue()).isEqualTo("tester");
        assertThat(json(get("/v1/students/" + student + "/rewards?environment=other"))
                        .get("items")
                        .size())
                .isZero();
        assertProblem(get("/v1/students/" + student + "/rewards?limit=0"), ProblemType.INVALID_REQUEST);
        assertProblem(get("/v1/students/" + student + "/rewards?environment=%00"), ProblemType.INVALID_REQUEST);
        assertProblem(get("/v1/students/" + student + "/rewards?cursor=!!"), ProblemType.INVALID_REQUEST);
        assertProblem(get("/v1/students/unheard-of/rewards"), ProblemType.UNKNOWN_STUDENT);
    }

    @Test
    void standInTheModelCard() throws Exception {
        String student = uploaded(StudentPackage.tuned("student", "pursuit"));
        assertThat(get("/v1/students/" + student + "/card").body()).doesNotContain("whole episodes, with");
        reported(student, "v1", 50, GOOD, ALL);
        assertThat(get("/v1/students/" + student + "/card").body())
                .contains("| `pursuit` | 50 | 0.900 | 0.843 to 0.957 | 0.900 [0.843, 0.957] in 50 | unknown |");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "{\"environment\":\"Pursuit!\",\"episodes\":[{\"seed\":1,\"reward\":1}]}",
                "{\"environment\":\"pursuit\",\"episodes\":[]}",
                "{\"environment\":\"pursuit\",\"episodes\":[null]}",
                "{\"environment\":\"pursuit\",\"episodes\":[{\"seed\":1}]}",
                "{\"environment\":\"pursuit\",\"episodes\":[{\"reward\":1}]}",
                "{\"environment\":\"pursuit\",\"episodes\":[{\"seed\":1,\"reward\":\"NaN\"}]}",
                "{\"environment\":\"pursuit\",\"episodes\":[{\"seed\":1,\"reward\":2e9}]}",
                "{\"environment\":\"pursuit\",\"episodes\":[{\"seed\":1,\"reward\":1,\"teacher\":-2e9}]}",
                "{\"environment\":\"pursuit\",\"version\":\"a b\",\"episodes\":[{\"seed\":1,\"reward\":1}]}",
                "{\"environment\":\"pursuit\",\"episodes\":[{\"seed\":1,\"reward\":1}],\"student\":\"x\"}"
            })
    void refusesReportsThatMeanNothing(String body) throws Exception {
        String student = uploaded(StudentPackage.tuned("student", "pursuit"));
        assertProblem(report(student, body), ProblemType.INVALID_REQUEST);
    }

    @Test
    void showsNoTenantAnothersEpisodes() throws Exception {
        String student = uploaded(StudentPackage.tuned("student", "pursuit"));
        reported(student, "v1", 5, GOOD, ALL);
        String other = tenant + "-other";
        String path = "/v1/students/" + student + "/rewards";
        assertProblem(send(as(other, path, Scope.VIEW)), ProblemType.UNKNOWN_STUDENT);
        tenant = other;
        assertThat(uploaded(StudentPackage.tuned("student", "pursuit"))).isEqualTo(student);
        assertThat(json(get(path)).get("items").size()).isZero();
        assertThat(judged(student).get("rewards").size()).isZero();
        reported(student, "v1", 5, POOR, seed -> 0);
    }

    @Test
    void needsTheScopeToOperate() throws Exception {
        String student = uploaded(StudentPackage.tuned("student", "pursuit"));
        HttpRequest.Builder request = as(
                        tenant, "/v1/students/" + student + "/rewards", Scope.VIEW, Scope.DECIDE, Scope.AUTHOR)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body("pursuit", "v1", 1, GOOD, null)));
        assertProblem(send(request), ProblemType.FORBIDDEN);
    }

    private HttpResponse<String> promote(String student) throws Exception {
        return post("/v1/students/" + student + "/promotions", "{}");
    }

    private static List<String> reasons(HttpResponse<String> refused) {
        List<String> found = new ArrayList<>();
        json(refused).path("reasons").forEach(reason -> found.add(reason.stringValue()));
        return found;
    }

    private JsonNode judged(String student) throws Exception {
        return json(get("/v1/evaluations?student=" + student)).at("/items/0");
    }

    private void reported(
            String student,
            String version,
            int episodes,
            IntToDoubleFunction reward,
            @Nullable IntToDoubleFunction teacher)
            throws Exception {
        HttpResponse<String> answer = report(student, body("pursuit", version, episodes, reward, teacher));
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(201);
    }

    private HttpResponse<String> report(String student, String body) throws Exception {
        return post("/v1/students/" + student + "/rewards", body);
    }

    private static String body(
            String environment,
            String version,
            int episodes,
            IntToDoubleFunction reward,
            @Nullable IntToDoubleFunction teacher) {
        String played = IntStream.range(0, episodes)
                .mapToObj(seed -> String.format(
                        Locale.ROOT,
                        "{\"seed\":%d,\"reward\":%s%s}",
                        seed,
                        reward.applyAsDouble(seed),
                        teacher == null ? "" : ",\"teacher\":" + teacher.applyAsDouble(seed)))
                .collect(Collectors.joining(","));
        return "{\"environment\":\"" + environment + "\",\"version\":\"" + version + "\",\"episodes\":[" + played
                + "]}";
    }
}
