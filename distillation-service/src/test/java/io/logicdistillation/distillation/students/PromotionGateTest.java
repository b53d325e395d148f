package io.logicdistillation.distillation.students;

import static org.assertj.core.api.Assertions.assertThat;

import io.logicdistillation.contracts.ProblemType;
import java.net.http.HttpResponse;
import java.util.Locale;
import java.util.function.IntPredicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

class PromotionGateTest extends StudentsHttpTest {
    @ParameterizedTest
    @CsvSource({
        "0.5, 200, 0.02, agreement 0.500",
        "0.97, 10, 0.02, judged on 10 rows",
        "0.97, 200, 0.4, calibration error 0.400"
    })
    void refusesAStudentThatHasNotShownEnough(double agreement, int rows, double error, String why) throws Exception {
        String id = uploaded(student("weak", agreement, rows, error));
        HttpResponse<String> refused = post("/v1/students/" + id + "/promotions", "{\"reason\":\"try\"}");
        assertProblem(refused, ProblemType.GATE_REFUSED);
        assertThat(json(refused).get("reasons").get(0).stringValue()).contains(why);
        assertThat(json(get("/v1/students?promoted=true")).get("items").size()).isZero();
    }

    @Test
    void recordsWhatAnOverrideSetAside() throws Exception {
        String id = uploaded(StudentPackage.untuned("pursuit"));
        String path = "/v1/students/" + id + "/promotions";
        assertProblem(post(path, "{}"), ProblemType.GATE_REFUSED);
        assertProblem(post(path, "{\"override\":true}"), ProblemType.INVALID_REQUEST);
        assertThat(post(path, "{\"override\":true,\"reason\":\"a baseline\"}").statusCode())
                .isEqualTo(200);
        JsonNode entry = json(get(path)).get("items").get(0);
        assertThat(entry.get("overrode").stringValue()).contains("no figures");
        assertThat(entry.get("reason").stringValue()).isEqualTo("a baseline");
    }

    @Test
    void refusesARegressionThatChanceDoesNotExplain() throws Exception {
        String good = uploaded(student("good", 0.99, 200, 0.02));
        String close = uploaded(student("close", 0.97, 200, 0.02));
        String worse = uploaded(student("worse", 0.85, 200, 0.02));
        assertThat(promote(good)).isEqualTo(200);
        assertThat(promote(worse)).isEqualTo(409);
        JsonNode judged =
                json(get("/v1/evaluations?student=" + worse)).get("items").get(0);
        assertThat(judged.get("gate").get("passed").booleanValue()).isFalse();
        assertThat(judged.get("gate").get("against").stringValue()).isEqualTo(good);
        assertThat(promote(close)).isEqualTo(200);
        assertThat(promote(good)).isEqualTo(200);
    }

    @Test
    void seesOnTheSameRowsWhatSharesAloneDoNotShow() throws Exception {
        String serving = uploaded(judged("serving", row -> row % 10 != 0));
        String slightlyWorse = uploaded(judged("slightly-worse", row -> row % 10 != 0 && row % 25 != 1));
        assertThat(promote(serving)).isEqualTo(200);
        HttpResponse<String> refused = post("/v1/students/" + slightlyWorse + "/promotions", "{}");
        assertProblem(refused, ProblemType.GATE_REFUSED);
        assertThat(json(refused).get("reasons").get(0).stringValue()).contains("on the same 200 rows");
        JsonNode compared = json(get("/v1/evaluations?student=" + slightlyWorse))
                .get("items")
                .get(0)
                .get("gate")
                .get("comparisons")
                .get(0);
        assertThat(compared.get("paired").booleanValue()).isTrue();
        assertThat(compared.get("rows").intValue()).isEqualTo(200);
        assertThat(compared.get("high").doubleValue()).isNegative();
        String unpaired = uploaded(student("unpaired", 0.86, 200, 0.02));
        assertThat(json(get("/v1/evaluations?student=" + unpaired)).toString())
                .contains("\"paired\":false")
                .doesNotContain("judged");
        assertThat(promote(unpaired)).isEqualTo(200);
    }

    @Test
    void asksForAsMuchAsTheTaskNeeds() throws Exception {
        StudentPackage usual = student("strict", 0.9, 200, 0.02);
        String strict = uploaded(usual.withManifest(usual.manifest.replace("\"pursuit\"", "\"strict\"")));
        HttpResponse<String> refused = post("/v1/students/" + strict + "/promotions", "{}");
        assertProblem(refused, ProblemType.GATE_REFUSED);
        assertThat(json(refused).get("reasons").get(0).stringValue())
                .isEqualTo("move: agreement 0.900, 0.950 is needed");
        assertThat(promote(uploaded(student("usual", 0.9, 200, 0.02)))).isEqualTo(200);
    }

    @Test
    void showsTheFiguresOfEveryStudentWithTheirIntervals() throws Exception {
        uploaded(student("one", 0.9, 100, 0.05));
        uploaded(StudentPackage.untuned("pursuit"));
        JsonNode items = json(get("/v1/evaluations?task=pursuit")).get("items");
        assertThat(items.size()).isEqualTo(2);
        assertThat(items.get(0).get("evaluation").get("stages").size()).isZero();
        JsonNode stage = items.get(1).get("evaluation").get("stages").get(0);
        assertThat(stage.get("stage").stringValue()).isEqualTo("move");
        assertThat(stage.get("low").doubleValue()).isEqualTo(0.8256);
        assertThat(stage.get("high").doubleValue()).isEqualTo(0.9448);
        assertProblem(get("/v1/evaluations?limit=0"), ProblemType.INVALID_REQUEST);
        assertProblem(get("/v1/evaluations?student=unheard-of"), ProblemType.UNKNOWN_STUDENT);
    }

    private int promote(String id) throws Exception {
        return post("/v1/students/" + id + "/promotions", "{}").statusCode();
    }

    /** Judged on two hundred rows of fixed names. */
    private static StudentPackage judged(String name, IntPredicate agrees) {
        StringBuilder rows = new StringBuilder();
        StringBuilder agreed = new StringBuilder();
        for (int row = 0; row < 200; row++) {
            rows.append(String.format(Locale.ROOT, "%010x", row));
            agreed.append(agrees.test(row) ? '1' : '0');
        }
        double share = agreed.chars().filter(c -> c == '1').count() / 200.0;
        StudentPackage usual = student(name, share, 200, 0.02);
        return usual.withManifest(usual.manifest.replace(
                "\"expectedCalibrationError\":0.02",
                "\"expectedCalibrationError\":0.02,\"judged\":{\"rows\":\"" + rows + "\",\"agreed\":\"" + agreed
                        + "\"}"));
    }

    private static StudentPackage student(String name, double agreement, int rows, double error) {
        StudentPackage usual = StudentPackage.tuned(name, "pursuit");
        return usual.withManifest(usual.manifest.replace(
                StudentPackage.METRICS.strip(),
                "{\"recall\":{\"move\":{\"agreement\":%s,\"rows\":%d,\"expectedCalibrationError\":%s}}}"
                        .formatted(agreement, rows, error)));
    }
}
