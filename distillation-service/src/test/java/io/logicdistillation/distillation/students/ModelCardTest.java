package io.logicdistillation.distillation.students;

import static org.assertj.core.api.Assertions.assertThat;

import io.logicdistillation.contracts.ProblemType;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.Test;

class ModelCardTest extends StudentsHttpTest {
    /** More often than the pool has connections: each answer gives its own back. */
    @Test
    void canBeAskedForAgainAndAgain() throws Exception {
        String id = uploaded(StudentPackage.tuned("asked-often", "asked-often"));
        for (int i = 0; i < 25; i++) {
            assertThat(get("/v1/students/" + id + "/card").statusCode()).isEqualTo(200);
            assertThat(get("/v1/students/" + id + "/promotions").statusCode()).isEqualTo(200);
        }
    }

    @Test
    void saysWhereAStudentComesFromHowItDidAndWhereThatEnds() throws Exception {
        StudentPackage student = StudentPackage.tuned("pursuit-ld", "pursuit");
        String id = uploaded(student);
        post("/v1/students/" + id + "/promotions", "{\"reason\":\"the *first* one\"}");
        HttpResponse<String> card = get("/v1/students/" + id + "/card");
        assertThat(card.statusCode()).isEqualTo(200);
        assertThat(card.headers().firstValue("Content-Type")).hasValue("text/markdown;charset=UTF-8");
        assertThat(card.body())
                .startsWith("# pursuit-ld\n")
                .contains(
                        "It serves the task now.", id, "`SmolLM2-135M-Instruct`", "LoRA of rank `2`", "| Seed | `7` |")
                .contains("| `move` | 0.970 | 0.936 to 0.986 | 200 | 0.020 |")
                .contains("has no figures for reading", "The promotion gate would let it pass today.")
                .contains("by `tester`: the \\*first\\* one")
                .doesNotContain("null");
    }

    @Test
    void letsNothingInAManifestBecomeMarkup() throws Exception {
        StudentPackage usual = StudentPackage.tuned("odd", "pursuit");
        String id = uploaded(usual.withManifest(usual.manifest.replace(
                "\"seed\":7", "\"seed\":7,\"machine\":\"<script>alert(1)</script> | `x`\\n# Not a heading\"")));
        assertThat(get("/v1/students/" + id + "/card").body())
                .contains("| Machine, device | `&lt;script>alert(1)&lt;/script> / 'x' # Not a heading` |")
                .doesNotContain("<script", "\n# Not");
    }

    @Test
    void tellsWhatASweepTried() throws Exception {
        StudentPackage usual = StudentPackage.tuned("swept", "pursuit");
        String trials = """
                {"number":1,"hyperparameters":{"learningRate":0.01,"rank":8},"state":"failed","step":50,"reason":"the loss is nan"},\
                {"number":2,"hyperparameters":{"learningRate":0.001,"rank":8},"state":"won","step":300,"agreement":0.96}""";
        String id = uploaded(usual.withManifest(
                usual.manifest.replace("\"seed\":7", "\"seed\":7,\"sweep\":{\"trials\":[" + trials + "]}")));
        assertThat(get("/v1/students/" + id + "/card").body())
                .contains("flattered by the choice")
                .contains("| `1` | learningRate `0.01`, rank `8` | failed: the loss is nan | `50` | none |")
                .contains("| `2` | learningRate `0.001`, rank `8` | won | `300` | `0.96` |");
    }

    @Test
    void saysOfAnUntunedStudentThatItWasNotJudged() throws Exception {
        String id = uploaded(StudentPackage.untuned("pursuit"));
        assertThat(get("/v1/students/" + id + "/card").body())
                .contains("none: the base model as it is", "It has not been judged.", "The promotion gate refuses it");
        assertProblem(get("/v1/students/unheard-of/card"), ProblemType.UNKNOWN_STUDENT);
    }
}
