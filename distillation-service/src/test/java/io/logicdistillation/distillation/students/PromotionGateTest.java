package io.logicdistillation.distillation.students;

import static org.assertj.core.api.Assertions.assertThat;

import io.logicdistillation.contracts.ProblemType;
import java.net.http.HttpResponse;
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

    private static StudentPackage student(String name, double agreement, int rows, double error) {
        StudentPackage usual = StudentPackage.tuned(name, "pursuit");
        return usual.withManifest(usual.manifest.replace(
                StudentPackage.METRICS.strip(),
                "{\"recall\":{\"move\":{\"agreement\":%s,\"rows\":%d,\"expectedCalibrationError\":%s}}}"
                        .formatted(agreement, rows, error)));
    }
}
