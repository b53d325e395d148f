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
                ",\"resources\":{\"cpuOnly\":true,\"gpuType\":\"H100\"}",
                ",\"priority\":101",
                ",\"attemptLimit\":0",
                ",\"base\":\"../../etc/passwd\"",
                ",\"colour\":\"red\""
            })
    void refusesJobsThatMeanNothing(String more) throws Exception {
        String spec = spec(more);
        assertProblem(
                submit(tenant, more.contains("base") ? spec.replace("\"base\":\"" + base + "\",", "") : spec),
                ProblemType.INVALID_REQUEST);
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
