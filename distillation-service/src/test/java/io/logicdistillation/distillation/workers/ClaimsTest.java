package io.logicdistillation.distillation.workers;

import static org.assertj.core.api.Assertions.assertThat;

import io.logicdistillation.contracts.ProblemType;
import io.logicdistillation.distillation.jobs.JobEvents;
import io.logicdistillation.distillation.jobs.JobProperties;
import io.logicdistillation.distillation.jobs.JobRows;
import io.logicdistillation.distillation.jobs.JobsHttpTest;
import io.logicdistillation.distillation.students.StudentPackage;
import io.logicdistillation.kit.Scope;
import io.micrometer.core.instrument.MeterRegistry;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.security.MessageDigest;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class ClaimsTest extends JobsHttpTest {
    private static final StudentPackage STUDENT = StudentPackage.tuned("pursuit-ld", "pursuit");

    @Autowired
    private JdbcClient jdbc;

    @Autowired
    private JobRows rows;

    @Autowired
    private JobEvents events;

    @Autowired
    private JobProperties properties;

    @Autowired
    private JsonMapper json;

    @Autowired
    private MeterRegistry meters;

    @BeforeEach
    void sealADataset() throws Exception {
        dataset(tenant, "d");
    }

    @Test
    void completesAJobByRegisteringItsStudent() throws Exception {
        String id = submitted(tenant, "");
        JsonNode claim = claimed(tenant, "w1");
        assertThat(claim.get("job").stringValue()).isEqualTo(id);
        assertThat(claim.get("spec").get("task").get("rules").stringValue()).isEqualTo("Catch it.");
        assertThat(trajectories(claim)).contains("\"chosen\":\"go\"");
        assertThat(complete(claim, STUDENT).statusCode()).isEqualTo(200);
        JsonNode done = job(id);
        assertThat(done.get("state").stringValue()).isEqualTo("completed");
        assertThat(done.get("student").stringValue()).isEqualTo(STUDENT.id());
        assertThat(get("/v1/students/" + STUDENT.id()).statusCode()).isEqualTo(200);
        assertThat(complete(claim, STUDENT).statusCode())
                .as("an answer that was lost is asked for again")
                .isEqualTo(200);
        assertProblem(tell(claim, "heartbeats", ""), ProblemType.LEASE_LOST);
    }

    @Test
    void givesEachJobToOneWorkerHoweverManyAsk() throws Exception {
        for (int i = 0; i < 12; i++) {
            submitted(tenant, "");
        }
        Set<String> jobs = new HashSet<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<HttpResponse<String>>> answers = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                String name = "w" + i;
                answers.add(threads.submit(() -> claim(tenant, name, "null")));
            }
            int empty = 0;
            for (Future<HttpResponse<String>> answer : answers) {
                if (answer.get().statusCode() == 204) {
                    empty++;
                } else {
                    assertThat(jobs.add(json(answer.get()).get("job").stringValue()))
                            .isTrue();
                }
            }
            assertThat(empty).isEqualTo(8);
        }
        assertThat(jobs).hasSize(12);
    }

    @Test
    void givesTheSameJobAgainToAWorkerThatDidNotHear() throws Exception {
        submitted(tenant, "");
        submitted(tenant, "");
        String key = UUID.randomUUID().toString();
        JsonNode first = json(claimWithKey(key));
        assertThat(json(claimWithKey(key))).isEqualTo(first);
        assertThat(first.get("id").stringValue()).isEqualTo(key);
    }

    @Test
    void takesTheHighestPriorityThenTheOldest() throws Exception {
        String old = submitted(tenant, "");
        String young = submitted(tenant, "");
        String urgent = submitted(tenant, ",\"priority\":5");
        List<String> order = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            order.add(claimed(tenant, "w").get("job").stringValue());
        }
        assertThat(order).containsExactly(urgent, old, young);
    }

    @Test
    void isFairBetweenTenantsAndKeepsTheirQuotas() throws Exception {
        String busy = "busy" + UUID.randomUUID();
        dataset(busy, "d");
        for (int i = 0; i < 6; i++) {
            submitted(busy, ",\"priority\":100");
        }
        submitted(tenant, "");
        submitted(tenant, "");
        List<String> owners = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            String job = claimed("*", "shared").get("job").stringValue();
            owners.add(get(JOBS + "/" + job).statusCode() == 200 ? "small" : "busy");
        }
        assertThat(owners.subList(0, 4)).containsExactlyInAnyOrder("busy", "small", "busy", "small");
        assertThat(owners.subList(4, 6)).containsOnly("busy");
    }

    @Test
    void runsNoMoreOfATenantThanItsQuota() throws Exception {
        dataset("narrow", "d");
        submitted("narrow", "");
        submitted("narrow", "");
        JsonNode first = claimed("narrow", "w");
        assertThat(claim("narrow", "w", "null").statusCode()).isEqualTo(204);
        send(worker("narrow", "/" + first.get("id").stringValue() + "/failures")
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(
                        "{\"fencingToken\":1,\"reason\":\"no\",\"retryable\":false}")));
        assertThat(claim("narrow", "w", "null").statusCode()).isEqualTo(200);
    }

    @Test
    void matchesWhatAJobNeedsWithWhatAWorkerHas() throws Exception {
        submitted(tenant, ",\"resources\":{\"gpuType\":\"H100\",\"gpuMemoryMb\":40000}");
        assertThat(claim(tenant, "w", "null").statusCode()).isEqualTo(204);
        assertThat(claim(tenant, "w", "{\"type\":\"A100\",\"memoryMb\":80000}").statusCode())
                .isEqualTo(204);
        assertThat(claim(tenant, "w", "{\"type\":\"H100\",\"memoryMb\":20000}").statusCode())
                .isEqualTo(204);
        assertThat(claim(tenant, "w", "{\"type\":\"H100\",\"memoryMb\":80000}").statusCode())
                .isEqualTo(200);
        submitted(tenant, ",\"resources\":{\"gpus\":2}");
        assertThat(claim(tenant, "w", "{\"type\":\"H100\",\"memoryMb\":80000}").statusCode())
                .isEqualTo(204);
        assertThat(claim(tenant, "w", "{\"type\":\"H100\",\"memoryMb\":80000,\"count\":0}")
                        .statusCode())
                .isEqualTo(400);
        assertThat(claim(tenant, "w", "{\"type\":\"H100\",\"memoryMb\":80000,\"count\":4}")
                        .statusCode())
                .isEqualTo(200);
        submitted(tenant, ",\"resources\":{\"cpuOnly\":true}");
        assertThat(claim(tenant, "w", "{\"type\":\"H100\",\"memoryMb\":80000}").statusCode())
                .isEqualTo(204);
        assertThat(claim(tenant, "w", "null").statusCode()).isEqualTo(200);
    }

    @Test
    void givesAJobOfASilentWorkerToAnotherAndRefusesTheFirst() throws Exception {
        String id = submitted(tenant, "");
        JsonNode silent = claimed(tenant, "silent");
        silent();
        JsonNode next = claimed(tenant, "next");
        assertThat(next.get("job").stringValue()).isEqualTo(id);
        assertThat(next.get("fencingToken").longValue()).isEqualTo(2);
        assertProblem(tell(silent, "heartbeats", ""), ProblemType.LEASE_LOST);
        assertProblem(complete(silent, STUDENT), ProblemType.LEASE_LOST);
        assertThat(get("/v1/students/" + STUDENT.id()).statusCode())
                .as("a completion that is refused leaves no student")
                .isEqualTo(404);
        assertThat(complete(next, STUDENT).statusCode()).isEqualTo(200);
        assertThat(job(id).get("attempts"))
                .extracting(attempt -> attempt.get("outcome").stringValue())
                .containsExactly("completed", "lost");
    }

    @Test
    void refusesATokenThatIsNotTheClaims() throws Exception {
        submitted(tenant, "");
        JsonNode claim = claimed(tenant, "w");
        String path = "/" + claim.get("id").stringValue() + "/completions?fencingToken=";
        for (long token : new long[] {0, 2}) {
            assertProblem(
                    send(worker(tenant, path + token)
                            .header("Content-Type", "multipart/form-data; boundary=xyz")
                            .POST(HttpRequest.BodyPublishers.ofByteArray(STUDENT.body()))),
                    ProblemType.LEASE_LOST);
        }
        assertThat(get("/v1/students/" + STUDENT.id()).statusCode()).isEqualTo(404);
    }

    @Test
    void keepsALeaseByHeartbeats() throws Exception {
        String id = submitted(tenant, "");
        JsonNode claim = claimed(tenant, "w");
        String until = claim.get("leaseUntil").stringValue();
        HttpResponse<String> beat = tell(claim, "heartbeats", "");
        assertThat(json(beat).get("leaseUntil").stringValue()).isGreaterThan(until);
        later(Duration.ofSeconds(50)).sweep();
        assertThat(job(id).get("state").stringValue()).isEqualTo("running");
    }

    @Test
    void blamesNobodyForTheTimeThatTheServiceWasAway() throws Exception {
        String id = submitted(tenant, "");
        claimed(tenant, "w");
        Leases restarted = later(Duration.ofMinutes(10));
        restarted.forgiveSilence();
        restarted.sweep();
        assertThat(job(id).get("state").stringValue()).isEqualTo("running");
    }

    @Test
    void givesUpAfterTheLastTryWithEveryReason() throws Exception {
        String id = submitted(tenant, ",\"attemptLimit\":2");
        tell(claimed(tenant, "w1"), "failures", ",\"reason\":\"the loss is not a number\"");
        assertThat(job(id).get("state").stringValue()).isEqualTo("queued");
        assertThat(claim(tenant, "w2", "null").statusCode())
                .as("a failed job waits a while")
                .isEqualTo(204);
        jdbc.sql("UPDATE jobs SET not_before = now()").update();
        tell(claimed(tenant, "w2"), "failures", ",\"reason\":\"out of memory\"");
        JsonNode failed = job(id);
        assertThat(failed.get("state").stringValue()).isEqualTo("failed");
        assertThat(failed.get("attempts"))
                .extracting(attempt -> attempt.get("reason").stringValue())
                .containsExactly("out of memory", "the loss is not a number");
        assertThat(post(JOBS + "/" + id + "/retries", "").statusCode()).isEqualTo(202);
        assertThat(claimed(tenant, "w3").get("fencingToken").longValue()).isEqualTo(3);
    }

    @Test
    void takesAJobBackFromAWorkerThatStopsWithoutCountingATry() throws Exception {
        String id = submitted(tenant, ",\"attemptLimit\":1");
        tell(claimed(tenant, "w1"), "failures", ",\"reason\":\"stopped\",\"released\":true");
        assertThat(job(id).get("state").stringValue()).isEqualTo("queued");
        assertThat(claimed(tenant, "w2").get("attempt").intValue()).isEqualTo(1);
    }

    @Test
    void tellsAWorkerOfACancelledJob() throws Exception {
        String id = submitted(tenant, "");
        JsonNode claim = claimed(tenant, "w");
        send(author(tenant, JOBS + "/" + id, "application/json").DELETE());
        HttpResponse<String> answer = tell(claim, "heartbeats", "");
        assertProblem(answer, ProblemType.LEASE_LOST);
        assertThat(json(answer).get("state").stringValue()).isEqualTo("cancelled");
    }

    @Test
    void handsCheckpointsOnAndRefusesDamagedOnes() throws Exception {
        String id = submitted(tenant, "");
        JsonNode claim = claimed(tenant, "w1");
        for (int step = 10; step <= 30; step += 10) {
            assertThat(save(claim, step, "checkpoint " + step).statusCode()).isEqualTo(200);
        }
        assertProblem(
                send(checkpoint(claim, 40, sha256("another"))
                        .POST(HttpRequest.BodyPublishers.ofString("checkpoint 40"))),
                ProblemType.INVALID_REQUEST);
        silent();
        assertProblem(save(claim, 50, "too late"), ProblemType.LEASE_LOST);
        JsonNode next = claimed(tenant, "w2");
        assertThat(next.get("checkpoints"))
                .extracting(checkpoint -> checkpoint.get("step").intValue())
                .containsExactly(30, 20);
        String path = "/" + next.get("id").stringValue() + "/checkpoints/";
        String newest = next.get("checkpoints").get(0).get("sha256").stringValue();
        assertThat(send(worker(tenant, path + newest)).body()).isEqualTo("checkpoint 30");
        Files.writeString(
                FOLDER.resolve("data/checkpoints/" + id + "/objects/" + newest.substring(0, 2) + "/" + newest), "rot");
        assertProblem(send(worker(tenant, path + newest)), ProblemType.UNAVAILABLE);
        assertThat(send(worker(tenant, path + sha256("checkpoint 20"))).body()).isEqualTo("checkpoint 20");
        complete(next, STUDENT);
        assertThat(FOLDER.resolve("data/checkpoints/" + id)).doesNotExist();
    }

    @Test
    void handsOutTheStudentThatAJobGoesOnFrom() throws Exception {
        submitted(tenant, "");
        assertProblem(send(worker(tenant, start(claimed(tenant, "w"), "adapter"))), ProblemType.NOT_FOUND);
        StudentPackage first = STUDENT.onBase(base);
        imported(first);
        submitted(tenant, ",\"start\":\"pursuit-ld\",\"hyperparameters\":{\"rank\":2,\"alpha\":4}");
        JsonNode claim = claimed(tenant, "w");
        assertThat(claim.get("spec").get("start").stringValue()).isEqualTo(first.id());
        String manifest = send(worker(tenant, start(claim, "manifest"))).body();
        assertThat("sha256:" + sha256(manifest)).isEqualTo(first.id());
        HttpResponse<String> adapter = send(worker(tenant, start(claim, "adapter")));
        assertThat(adapter.statusCode()).isEqualTo(200);
        assertThat(manifest).contains(sha256(adapter.body()));
        assertProblem(send(worker(tenant, start(claim, "activations"))), ProblemType.NOT_FOUND);
        assertProblem(send(worker("other", start(claim, "adapter"))), ProblemType.NOT_FOUND);
    }

    private static String start(JsonNode claim, String file) {
        return "/" + claim.get("id").stringValue() + "/start/" + file;
    }

    @Test
    void refusesAStudentOfAnotherName() throws Exception {
        submitted(tenant, "");
        JsonNode claim = claimed(tenant, "w");
        assertProblem(complete(claim, StudentPackage.tuned("other", "pursuit")), ProblemType.INVALID_REQUEST);
        assertThat(complete(claim, STUDENT).statusCode()).isEqualTo(200);
    }

    @Test
    void needsItsOwnScopeAndKnowsNoOtherTenantsClaims() throws Exception {
        submitted(tenant, "");
        JsonNode claim = claimed(tenant, "w");
        assertProblem(
                send(as(tenant, "/worker/v1/claims", Scope.OPERATE, Scope.AUTHOR)
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString("{}"))),
                ProblemType.FORBIDDEN);
        assertProblem(
                send(as(tenant, JOBS, Scope.WORK)
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString(spec("")))),
                ProblemType.FORBIDDEN);
        assertProblem(
                send(worker("other", "/" + claim.get("id").stringValue() + "/trajectories")), ProblemType.NOT_FOUND);
    }

    private HttpResponse<String> claimWithKey(String key) throws Exception {
        return send(worker(tenant, "")
                .header("Content-Type", "application/json")
                .header("Idempotency-Key", key)
                .POST(HttpRequest.BodyPublishers.ofString(
                        "{\"worker\":\"w\",\"bases\":[\"" + base + "\"],\"methods\":[\"ld\"]}")));
    }

    private String trajectories(JsonNode claim) throws Exception {
        return send(worker(tenant, "/" + claim.get("id").stringValue() + "/trajectories"))
                .body();
    }

    private HttpResponse<String> save(JsonNode claim, int step, String content) throws Exception {
        return send(checkpoint(claim, step, sha256(content)).POST(HttpRequest.BodyPublishers.ofString(content)));
    }

    private HttpRequest.Builder checkpoint(JsonNode claim, int step, String sha256) {
        return worker(
                        tenant,
                        "/" + claim.get("id").stringValue() + "/checkpoints?fencingToken=" + claim.get("fencingToken")
                                + "&step=" + step + "&sha256=" + sha256)
                .header("Content-Type", "application/octet-stream");
    }

    /** Every lease runs out, and nobody has to wait. */
    private void silent() {
        assertThat(later(Duration.ofSeconds(61)).sweep()).isPositive();
        jdbc.sql("UPDATE jobs SET not_before = now()").update();
    }

    /** The leases as they look when so much time has passed. */
    private Leases later(Duration time) {
        return new Leases(jdbc, rows, events, properties, Clock.offset(Clock.systemUTC(), time), json, meters);
    }

    private static String sha256(String text) throws Exception {
        return HexFormat.of()
                .formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
    }
}
