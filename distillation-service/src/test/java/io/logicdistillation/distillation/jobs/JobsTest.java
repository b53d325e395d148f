package io.logicdistillation.distillation.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import io.logicdistillation.contracts.ProblemType;
import io.logicdistillation.distillation.students.StudentPackage;
import io.logicdistillation.kit.Scope;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

class JobsTest extends JobsHttpTest {
    @BeforeEach
    void sealADataset() throws Exception {
        dataset(tenant, "d");
    }

    @Test
    void fillsInWhatIsLeftOutAndNamesTheVersionByItsHash() throws Exception {
        HttpResponse<String> answer = submit(tenant, spec(""));
        assertThat(answer.statusCode()).isEqualTo(202);
        JsonNode job = json(answer);
        assertThat(answer.headers().firstValue("Location"))
                .hasValue(JOBS + "/" + job.get("id").stringValue());
        assertThat(job.get("state").stringValue()).isEqualTo("queued");
        JsonNode spec = job.get("spec");
        assertThat(spec.get("method").stringValue()).isEqualTo("ld");
        assertThat(spec.get("seed").intValue()).isEqualTo(7);
        assertThat(spec.get("hyperparameters").get("steps").intValue()).isEqualTo(300);
        assertThat(spec.get("dataset").get("version").intValue()).isEqualTo(1);
        assertThat(spec.get("dataset").get("sha256").stringValue()).hasSize(64);
        assertThat(job(job.get("id").stringValue()).get("spec")).isEqualTo(spec);
    }

    @Test
    void makesOneJobOfOneKey() throws Exception {
        String first = submitWithKey("once", spec(""));
        assertThat(submitWithKey("once", spec(""))).isEqualTo(first);
        assertThat(submitWithKey("twice", spec(""))).isNotEqualTo(first);
        assertProblem(
                send(author(tenant, JOBS, "application/json")
                        .header("Idempotency-Key", "once")
                        .POST(HttpRequest.BodyPublishers.ofString(spec(",\"seed\":8")))),
                ProblemType.CONFLICT);
        assertThat(json(get(JOBS)).get("items").size()).isEqualTo(2);
    }

    @Test
    void listsNewestFirstPageByPage() throws Exception {
        List<String> newestFirst = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            newestFirst.addFirst(submitted(tenant, ",\"priority\":" + i));
        }
        send(author(tenant, JOBS + "/" + newestFirst.get(1), "application/json").DELETE());
        List<String> listed = new ArrayList<>();
        String next = "";
        while (next != null) {
            JsonNode page = json(get(JOBS + "?limit=2" + next));
            page.get("items").forEach(item -> listed.add(item.get("id").stringValue()));
            next = page.has("next") ? "&cursor=" + page.get("next").stringValue() : null;
        }
        assertThat(listed).isEqualTo(newestFirst);
        assertThat(json(get(JOBS + "?state=cancelled")).get("items"))
                .extracting(item -> item.get("id").stringValue())
                .containsExactly(newestFirst.get(1));
        assertProblem(get(JOBS + "?state=asleep"), ProblemType.INVALID_REQUEST);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                ",\"method\":\"sft\"",
                ",\"hyperparameters\":{\"steps\":0}",
                ",\"hyperparameters\":{\"ways\":[\"guessing\"]}",
                ",\"hyperparameters\":{\"otherWordsShare\":1.5}",
                ",\"hyperparameters\":{\"recordedShare\":1.5}",
                ",\"hyperparameters\":{\"fewerShare\":-0.1}",
                ",\"hyperparameters\":{\"noneShare\":1.5}",
                ",\"start\":\"earlier\",\"hyperparameters\":{\"hardShare\":1.5}",
                ",\"hyperparameters\":{\"hardShare\":0.5}",
                ",\"resources\":{\"cpuOnly\":true,\"gpuType\":\"H100\"}",
                ",\"resources\":{\"cpuOnly\":true,\"gpus\":1}",
                ",\"resources\":{\"gpus\":17}",
                ",\"resources\":{\"gpus\":1,\"sharded\":true}",
                ",\"resources\":{\"gpuType\":\"H100\",\"gpus\":0}",
                ",\"priority\":101",
                ",\"attemptLimit\":0",
                ",\"base\":\"../../etc/passwd\"",
                ",\"hyperparameters\":{\"adaptation\":\"dora\"}",
                ",\"resources\":{\"gpus\":2,\"sharded\":true},\"hyperparameters\":{\"adaptation\":\"full\"}",
                ",\"colour\":\"red\""
            })
    void refusesJobsThatMeanNothing(String more) throws Exception {
        String spec = spec(more);
        assertProblem(
                submit(tenant, more.contains("base") ? spec.replace("\"base\":\"" + base + "\",", "") : spec),
                ProblemType.INVALID_REQUEST);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\'',
            value = {
                "{} | at least two values",
                "{\"rank\":[8]} | at least two values",
                "{\"rank\":[]} | 1 to 16 values",
                "{\"rank\":[8,null]} | 1 to 16 values",
                "{\"rank\":[8,8]} | names a value twice",
                "{\"rank\":[8,257]} | sweep.rank must lie between",
                "{\"learningRate\":[0.1,0]} | sweep.learningRate must lie between",
                "{\"rank\":[2,4,8,16,32],\"alpha\":[2,4,8,16]} | 20 combinations: say in sweep.trials",
                "{\"rank\":[2,4],\"trials\":3} | sweep.trials must lie between",
                "{\"rank\":[2,4],\"trials\":1} | sweep.trials must lie between",
                "{\"rank\":[2,4],\"graceSteps\":60} | multiple of hyperparameters.checkEvery",
                "{\"rank\":[2,4],\"graceSteps\":0} | sweep.graceSteps must lie between",
                "{\"rank\":[2,4],\"colour\":[2,4]} | colour"
            })
    void refusesASweepThatMeansNothingAndSaysWhy(String sweep, String why) throws Exception {
        HttpResponse<String> answer = submit(tenant, spec(",\"sweep\":" + sweep));
        assertProblem(answer, ProblemType.INVALID_REQUEST);
        assertThat(json(answer).get("detail").stringValue()).contains(why);
    }

    @Test
    void refusesASweepThatDoesNotGoWithTheRestOfTheJob() throws Exception {
        assertProblem(submit(tenant, spec(",\"start\":\"x\",\"sweep\":{\"rank\":[2,4]}")), ProblemType.INVALID_REQUEST);
        assertProblem(
                submit(
                        tenant,
                        spec(",\"hyperparameters\":{\"ways\":[\"recall\"]},\"sweep\":{\"readingShare\":[0.1,0.5]}")),
                ProblemType.INVALID_REQUEST);
    }

    @Test
    void saysOfASweepHowManyTrialsItHasAndHowLongEachIsLeftAlone() throws Exception {
        String grid = ",\"sweep\":{\"learningRate\":[1e-4,5e-4,1e-3],\"rank\":[8,16]}";
        JsonNode sweep = job(submitted(tenant, grid)).get("spec").get("sweep");
        assertThat(sweep.get("trials").intValue()).isEqualTo(6);
        assertThat(sweep.get("graceSteps").intValue()).isEqualTo(100);
        assertThat(sweep.has("alpha")).isFalse();
        String drawn = ",\"sweep\":{\"rank\":[1,2,4,8,16],\"alpha\":[4,8,16,32],\"trials\":5,\"graceSteps\":50}";
        assertThat(job(submitted(tenant, drawn))
                        .get("spec")
                        .get("sweep")
                        .get("trials")
                        .intValue())
                .isEqualTo(5);
    }

    @Test
    void givesASweepToNoWorkerThatWouldNotSweep() throws Exception {
        String id = submitted(tenant, ",\"sweep\":{\"rank\":[8,16]}");
        assertThat(claim(tenant, "old", "null").statusCode()).isEqualTo(204);
        JsonNode claim = json(claim(tenant, "new", "null,\"sweeps\":true"));
        assertThat(claim.get("job").stringValue()).isEqualTo(id);
        assertThat(claim.get("spec").get("sweep").get("rank").size()).isEqualTo(2);
        assertThat(claim.get("spec").get("sweep").get("graceSteps").intValue()).isEqualTo(100);
    }

    @Test
    void givesAJobToNoWorkerThatCanNotTrainInItsWay() throws Exception {
        String id = submitted(tenant, ",\"hyperparameters\":{\"adaptation\":\"qlora\"}");
        assertThat(claim(tenant, "old", "null").statusCode()).isEqualTo(204);
        assertThat(claim(tenant, "cpu", "null,\"adaptations\":[\"lora\",\"full\"]")
                        .statusCode())
                .isEqualTo(204);
        JsonNode claim = json(claim(tenant, "new", "null,\"adaptations\":[\"lora\",\"qlora\"]"));
        assertThat(claim.get("job").stringValue()).isEqualTo(id);
        assertThat(claim.get("spec").get("hyperparameters").get("adaptation").stringValue())
                .isEqualTo("qlora");
    }

    @Test
    void showsHowTheTrialsOfASweepDo() throws Exception {
        String id = submitted(tenant, ",\"sweep\":{\"rank\":[8,16]}");
        JsonNode claim = json(claim(tenant, "w", "null,\"sweeps\":true"));
        String step = ",\"step\":10,\"steps\":600,\"seconds\":5,\"metrics\":{\"agreement\":0.5},\"trials\":";
        String trials = """
                [{"number":1,"hyperparameters":{"rank":8},"state":"running","step":10,"agreement":0.5},\
                {"number":2,"hyperparameters":{"rank":16},"state":"waiting","step":0}]""";
        assertThat(tell(claim, "heartbeats", step + trials).statusCode()).isEqualTo(200);
        JsonNode told = job(id).get("progress").get("trials");
        assertThat(told.get(0).get("state").stringValue()).isEqualTo("running");
        assertThat(told.get(0).get("hyperparameters").get("rank").doubleValue()).isEqualTo(8);
        assertThat(told.get(1).has("agreement")).isFalse();
        assertThat(json(get(JOBS))
                        .get("items")
                        .get(0)
                        .get("progress")
                        .get("trials")
                        .size())
                .isEqualTo(2);
        assertProblem(tell(claim, "heartbeats", step + "[{\"number\":1}]"), ProblemType.INVALID_REQUEST);
        assertProblem(
                tell(claim, "heartbeats", step + trials.replace("running", "asleep")), ProblemType.INVALID_REQUEST);
        complete(claim, StudentPackage.tuned("pursuit-ld", "pursuit"));
        assertThat(get(JOBS + "/" + id + "/events").body()).contains("\"state\":\"waiting\"");
    }

    @Test
    void refusesADatasetThatIsNotThereOrAnother() throws Exception {
        assertProblem(submit(tenant, spec("").replace("\"d\"", "\"e\"")), ProblemType.UNKNOWN_DATASET);
        assertProblem(
                submit(tenant, spec("").replace("\"id\":\"d\"", "\"id\":\"d\",\"version\":2")),
                ProblemType.UNKNOWN_DATASET);
        assertProblem(
                submit(tenant, spec("").replace("\"id\":\"d\"", "\"id\":\"d\",\"sha256\":\"" + "0".repeat(64) + "\"")),
                ProblemType.CONFLICT);
        assertProblem(submit(tenant, spec("").replace("pursuit\"", "chess\"")), ProblemType.CONFLICT);
    }

    @Test
    void goesOnFromAStudentOfTheSameBaseAndRank() throws Exception {
        StudentPackage start = StudentPackage.tuned("reader", "general").onBase(base);
        imported(start);
        String rank = ",\"hyperparameters\":{\"rank\":2,\"alpha\":4}";
        String id = submitted(tenant, ",\"start\":\"reader\"" + rank);
        assertThat(job(id).get("spec").get("start").stringValue()).isEqualTo(start.id());
        assertThat(job(submitted(tenant, "")).get("spec").has("start")).isFalse();
        JsonNode hard = job(submitted(tenant, ",\"start\":\"reader\"" + rank.replace("{", "{\"hardShare\":0.25,")));
        assertThat(hard.get("spec").get("hyperparameters").get("hardShare").doubleValue())
                .isEqualTo(0.25);
        assertProblem(submit(tenant, spec(",\"start\":\"reader\"")), ProblemType.CONFLICT);
        assertProblem(submit(tenant, spec(",\"start\":\"nobody\"" + rank)), ProblemType.UNKNOWN_STUDENT);
        assertProblem(submit(tenant, spec(",\"start\":\" \"" + rank)), ProblemType.INVALID_REQUEST);
        imported(StudentPackage.tuned("stranger", "general"));
        assertProblem(submit(tenant, spec(",\"start\":\"stranger\"" + rank)), ProblemType.CONFLICT);
        imported(StudentPackage.untuned("general").onBase(base));
        assertProblem(submit(tenant, spec(",\"start\":\"untuned\"" + rank)), ProblemType.CONFLICT);
    }

    @Test
    void keepsTheQuotaOfWaitingJobs() throws Exception {
        dataset("small", "d");
        submitted("small", "");
        submitted("small", "");
        assertProblem(submit("small", spec("")), ProblemType.QUOTA_EXCEEDED);
    }

    @Test
    void belongsToItsTenantAndItsAuthors() throws Exception {
        String id = submitted(tenant, "");
        String other = "t" + UUID.randomUUID();
        assertProblem(send(as(other, JOBS + "/" + id, Scope.VIEW)), ProblemType.UNKNOWN_JOB);
        assertProblem(send(as(other, JOBS + "/" + id, Scope.AUTHOR).DELETE()), ProblemType.UNKNOWN_JOB);
        assertProblem(send(as(tenant, JOBS + "/" + id, Scope.VIEW).DELETE()), ProblemType.FORBIDDEN);
        assertThat(json(send(as(other, JOBS, Scope.VIEW))).get("items").size()).isZero();
        assertProblem(get(JOBS + "/nonsense"), ProblemType.UNKNOWN_JOB);
    }

    @Test
    void cancelsOnceAndRetries() throws Exception {
        String id = submitted(tenant, "");
        assertThat(json(cancel(id)).get("state").stringValue()).isEqualTo("cancelled");
        assertThat(json(cancel(id)).get("state").stringValue()).isEqualTo("cancelled");
        assertThat(claim(tenant, "w", "null").statusCode()).isEqualTo(204);
        assertThat(post(JOBS + "/" + id + "/retries", "").statusCode()).isEqualTo(202);
        assertProblem(post(JOBS + "/" + id + "/retries", ""), ProblemType.CONFLICT);
        assertThat(claimed(tenant, "w").get("job").stringValue()).isEqualTo(id);
    }

    @Test
    void streamsWhatHappenedAndGoesOnWhereTheReaderWas() throws Exception {
        String id = submitted(tenant, "");
        JsonNode claim = claimed(tenant, "w");
        tell(
                claim,
                "heartbeats",
                ",\"step\":10,\"steps\":40,\"seconds\":5,\"metrics\":{\"loss\":0.5},\"log\":[\"one\",\"two\"]");
        JsonNode running = job(id);
        assertThat(running.get("progress").get("metrics").get("loss").doubleValue())
                .isEqualTo(0.5);
        assertThat(running.has("eta")).isTrue();
        complete(claim, StudentPackage.tuned("pursuit-ld", "pursuit"));
        List<String> all = get(JOBS + "/" + id + "/events").body().lines().toList();
        assertThat(all.stream().filter(line -> line.startsWith("event:")))
                .containsExactly(
                        "event:state", "event:state", "event:metrics", "event:log", "event:log", "event:state");
        List<String> ids = all.stream()
                .filter(line -> line.startsWith("id:"))
                .map(line -> line.substring(3))
                .toList();
        String rest = send(request(JOBS + "/" + id + "/events").header("Last-Event-ID", ids.get(4)))
                .body();
        assertThat(rest).contains("completed").doesNotContain("queued").doesNotContain("event:log");
        assertThat(json(get(JOBS + "/" + id + "/log?lines=1")).get("items"))
                .extracting(line -> line.get("line").stringValue())
                .containsExactly("two");
    }

    private HttpResponse<String> cancel(String id) throws Exception {
        return send(author(tenant, JOBS + "/" + id, "application/json").DELETE());
    }

    private String submitWithKey(String key, String spec) throws Exception {
        HttpResponse<String> answer = send(author(tenant, JOBS, "application/json")
                .header("Idempotency-Key", key)
                .POST(HttpRequest.BodyPublishers.ofString(spec)));
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(202);
        return json(answer).get("id").stringValue();
    }
}
