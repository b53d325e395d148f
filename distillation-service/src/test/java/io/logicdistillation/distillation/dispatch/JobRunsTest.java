package io.logicdistillation.distillation.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import io.logicdistillation.contracts.ProblemType;
import io.logicdistillation.distillation.jobs.JobsHttpTest;
import io.logicdistillation.kit.Scope;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import javax.sql.DataSource;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.JsonNode;

class JobRunsTest extends JobsHttpTest {
    @Autowired
    private JobRuns runs;

    @Autowired
    private JdbcClient jdbc;

    @Autowired
    private DataSource database;

    /** Runs of all tenants are dispatched, those of other tests too. */
    @BeforeEach
    void clearTheQueue() throws Exception {
        jdbc.sql("UPDATE jobs SET state = 'cancelled' WHERE state IN ('queued', 'running')")
                .update();
        dataset(tenant, "d");
    }

    @Test
    void listsWhatWaitsWithItsNextRunAndLeavesGpusOutWhereAsked() throws Exception {
        String plain = submitted(tenant, "");
        String gpu = submitted(tenant, ",\"resources\":{\"gpuMemoryMb\":40000}");
        assertThat(runs.waiting(true, 10)).extracting(run -> run.id().job()).containsExactly(plain, gpu);
        List<Run> found = runs.waiting(false, 10);
        assertThat(found).extracting(run -> run.id().job()).containsExactly(plain);
        assertThat(found.getFirst().id().run()).isEqualTo(1);
        claimed(tenant, "w");
        assertThat(runs.waiting(true, 10)).extracting(run -> run.id().job()).containsExactly(gpu);
    }

    @Test
    void letsTenantsTakeTurnsWithinTheirQuotas() throws Exception {
        String other = "t" + UUID.randomUUID();
        dataset(other, "d");
        String first = submitted(tenant, "");
        String urgent = submitted(tenant, ",\"priority\":5");
        String theirs = submitted(other, "");
        assertThat(runs.waiting(true, 2)).extracting(run -> run.id().job()).containsExactly(urgent, theirs);
        assertThat(runs.waiting(true, 9)).extracting(run -> run.id().job()).containsExactly(urgent, theirs, first);
        dataset("thin", "d");
        String one = submitted("thin", "");
        submitted("thin", "");
        assertThat(runs.waiting(true, 9))
                .extracting(run -> run.id().job())
                .contains(one)
                .hasSize(4);
    }

    @Test
    void givesARunToTheWorkerThatWasStartedForItAndToNoOther() throws Exception {
        submitted(tenant, "");
        submitted(tenant, "");
        Run second = runs.waiting(true, 2).getLast();
        assertThat(phase(second)).isEqualTo(RunBook.Phase.WAITING);
        assertThat(claim(second, 2).statusCode()).isEqualTo(204);
        JsonNode claim = json(claim(second, 1));
        assertThat(claim.get("job").stringValue()).isEqualTo(second.id().job());
        assertThat(claim(second, 1).statusCode()).isEqualTo(204);
        assertThat(phase(second)).isEqualTo(RunBook.Phase.RUNNING);
        assertThat(tell(claim, "failures", ",\"reason\":\"told to stop\",\"released\":true")
                        .statusCode())
                .isEqualTo(200);
        assertThat(phase(second)).isEqualTo(RunBook.Phase.ENDED);
        assertProblem(claim("\"job\":\"" + second.id().job() + "\""), ProblemType.INVALID_REQUEST);
        assertProblem(claim("\"job\":\"no-uuid\",\"run\":1"), ProblemType.INVALID_REQUEST);
    }

    @Test
    void knowsARunThatNobodyWaitsFor() throws Exception {
        String cancelled = submitted(tenant, "");
        Run run = runs.waiting(true, 1).getFirst();
        send(author(tenant, JOBS + "/" + cancelled, "application/json").DELETE());
        assertThat(phase(run)).isEqualTo(RunBook.Phase.GONE);
        submitted(tenant, "");
        Run taken = runs.waiting(true, 1).getFirst();
        claimed(tenant, "a-standing-one");
        assertThat(phase(taken)).isEqualTo(RunBook.Phase.GONE);
        runs.ended(taken.id(), "not its");
        assertThat(job(taken.id().job()).get("state").stringValue()).isEqualTo("running");
        Run.Id unheardOf = new Run.Id(Long.MAX_VALUE, UUID.randomUUID().toString(), 1);
        assertThat(runs.phases(Set.of(unheardOf))).containsEntry(unheardOf, RunBook.Phase.GONE);
        runs.log(unheardOf, List.of("to nobody"));
        runs.ended(unheardOf, "nothing");
    }

    @Test
    void countsARunWhoseWorkerDiedAndGivesUpAfterTheLast() throws Exception {
        String id = submitted(tenant, ",\"attemptLimit\":2");
        Run first = runs.waiting(true, 1).getFirst();
        JsonNode claim = json(claim(first, 1));
        runs.ended(first.id(), "its worker ended with exit code 137 (OOMKilled)");
        runs.ended(first.id(), "twice");
        assertProblem(tell(claim, "heartbeats", ""), ProblemType.LEASE_LOST);
        JsonNode job = job(id);
        assertThat(job.get("state").stringValue()).isEqualTo("queued");
        assertThat(job.get("tries").intValue()).isEqualTo(1);
        assertThat(job.get("attempts").get(0).get("outcome").stringValue()).isEqualTo("lost");
        assertThat(job.get("attempts").get(0).get("reason").stringValue()).contains("OOMKilled");
        assertThat(runs.waiting(true, 1))
                .as("it waits before it is tried again")
                .isEmpty();
        jdbc.sql("UPDATE jobs SET not_before = created_at WHERE state = 'queued'")
                .update();
        Run second = runs.waiting(true, 1).getFirst();
        assertThat(second.id().run()).isEqualTo(2);
        runs.ended(second.id(), "its worker could not be started: ImagePullBackOff");
        job = job(id);
        assertThat(job.get("state").stringValue()).isEqualTo("failed");
        assertThat(job.get("reason").stringValue()).contains("ImagePullBackOff");
        assertThat(job.get("attempts").get(0).get("worker").stringValue())
                .isEqualTo(second.id().worker());
        assertThat(job.get("attempts").size()).isEqualTo(2);
    }

    @Test
    void addsToTheJobsLog() throws Exception {
        String id = submitted(tenant, "");
        runs.log(runs.waiting(true, 1).getFirst().id(), List.of("Kubernetes: waits in the queue"));
        assertThat(get(JOBS + "/" + id + "/log").body()).contains("waits in the queue");
    }

    @Test
    void letsOneReplicaDispatchAtATime() {
        List<String> order = new ArrayList<>();
        OneAtATime second = new OneAtATime(database, none -> order.add("second"));
        OneAtATime first = new OneAtATime(database, none -> {
            order.add("first");
            second.dispatch(none);
        });
        first.dispatch(runs);
        assertThat(order).containsExactly("first");
        second.dispatch(runs);
        assertThat(order).containsExactly("first", "second");
    }

    private RunBook.Phase phase(Run run) {
        return runs.phases(new HashSet<>(List.of(run.id()))).get(run.id());
    }

    private HttpResponse<String> claim(Run run, long number) throws Exception {
        return claim(
                "\"job\":\"" + run.id().job() + "\",\"run\":" + number, run.id().worker());
    }

    private HttpResponse<String> claim(String members) throws Exception {
        return claim(members, "w");
    }

    private HttpResponse<String> claim(String members, String worker) throws Exception {
        return send(as(tenant, "/worker/v1/claims", Scope.WORK)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString("{\"worker\":\"" + worker + "\",\"bases\":[\"" + base
                        + "\"],\"methods\":[\"ld\"]," + members + "}")));
    }
}
