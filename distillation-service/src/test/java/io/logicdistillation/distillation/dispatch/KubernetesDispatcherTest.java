package io.logicdistillation.distillation.dispatch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.fabric8.kubernetes.api.model.EventBuilder;
import io.fabric8.kubernetes.api.model.ObjectReferenceBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.server.mock.EnableKubernetesMockClient;
import io.fabric8.kubernetes.client.server.mock.KubernetesMockServer;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.springframework.core.io.ByteArrayResource;

/** On fabric8's server in memory, which keeps objects and runs no controller: what one would do, the test does. */
@EnableKubernetesMockClient(crud = true)
class KubernetesDispatcherTest extends KubernetesDispatcherContract {
    private KubernetesMockServer server;
    private KubernetesClient client;

    @Override
    protected KubernetesClient connect() {
        return server.createClient();
    }

    @Override
    protected KubernetesClient cluster() {
        return client;
    }

    @Override
    protected String namespace() {
        return "training";
    }

    @Override
    protected Pod pod(Job job) {
        Pod pod = new PodBuilder()
                .withMetadata(new io.fabric8.kubernetes.api.model.ObjectMetaBuilder(
                                job.getSpec().getTemplate().getMetadata())
                        .withName(job.getMetadata().getName() + "-x")
                        .addToLabels(
                                "batch.kubernetes.io/job-name",
                                job.getMetadata().getName())
                        .build())
                .withSpec(job.getSpec().getTemplate().getSpec())
                .withNewStatus()
                .withPhase("Pending")
                .endStatus()
                .build();
        return client.pods().inNamespace(namespace()).resource(pod).create();
    }

    @Override
    protected void conclude(Job job, boolean well) {
        condition(job, well ? "Complete" : "Failed", well ? null : "BackoffLimitExceeded");
    }

    @Test
    void keepsTheLogAndTheWarningsOfAWorkerThatDied() throws Exception {
        Run run = runs.submitted();
        Dispatcher dispatcher = dispatcher(1);
        dispatcher.dispatch(runs);
        String pod = run.id().worker() + "-x";
        server.expect()
                .get()
                .withPath("/api/v1/namespaces/training/pods/" + pod + "/log?pretty=false&container=worker&tailLines=50")
                .andReturn(200, "step 1\nkilled\n")
                .always();
        warn("Pod", pod, "BackOff", "Back-off restarting");
        warn("Pod", "another", "Failed", "not ours");
        end(run, false);
        dispatcher.dispatch(runs);
        assertThat(runs.logs.get(run.id()))
                .contains(pod + ": step 1", pod + ": killed", "Kubernetes: " + pod + " BackOff: Back-off restarting")
                .noneMatch(line -> line.contains("not ours"));
        assertThat(runs.ends.get(run.id()))
                .isEqualTo("its worker ended with exit code 3 (Error); BackoffLimitExceeded");
        assertThat(jobs()).isEmpty();
    }

    @Test
    void asksOnceForTheLogOfANodeThatIsGone() throws Exception {
        Run run = runs.submitted();
        Dispatcher dispatcher = dispatcher(1);
        dispatcher.dispatch(runs);
        String pod = run.id().worker() + "-x";
        AtomicInteger asked = new AtomicInteger();
        server.expect()
                .get()
                .withPath("/api/v1/namespaces/training/pods/" + pod + "/log?pretty=false&container=worker&tailLines=50")
                .andReply(500, request -> {
                    asked.incrementAndGet();
                    return "{\"kind\":\"Status\",\"code\":500,\"message\":\"no preferred addresses found\"}";
                })
                .always();
        end(run, false);
        dispatcher.dispatch(runs);
        assertThat(asked).hasValue(1);
        assertThat(runs.logs.get(run.id()))
                .anyMatch(line -> line.startsWith(pod + " has no log:") && line.contains("no preferred addresses"));
        assertThat(runs.ends).containsKey(run.id());
    }

    @Test
    void namesEvictionAndDeadlineAsTheReason() throws Exception {
        Run evicted = runs.submitted();
        Run late = runs.submitted();
        Dispatcher dispatcher = dispatcher(2);
        dispatcher.dispatch(runs);
        runs.becomes(late, RunBook.Phase.RUNNING);
        Pod pod = pod(job(evicted));
        client.pods()
                .inNamespace(namespace())
                .resource(pod)
                .editStatus(found -> new PodBuilder(found)
                        .editStatus()
                        .withPhase("Failed")
                        .withReason("Evicted")
                        .withMessage("The node was low on resource: memory.")
                        .endStatus()
                        .build());
        condition(job(evicted), "Failed", "BackoffLimitExceeded");
        condition(job(late), "Failed", "DeadlineExceeded");
        dispatcher.dispatch(runs);
        assertThat(runs.ends.get(evicted.id())).startsWith("Evicted: The node was low on resource: memory.");
        assertThat(runs.ends.get(late.id())).isEqualTo("DeadlineExceeded");
    }

    @Test
    void saysOnceWhatAPodWaitsForAndGivesUpOneWhoseContainerIsNeverMade() throws Exception {
        Run run = runs.submitted();
        Dispatcher dispatcher = dispatcher(1);
        dispatcher.dispatch(runs);
        Pod pod = pod(job(run));
        client.pods()
                .inNamespace(namespace())
                .resource(pod)
                .editStatus(found -> new PodBuilder(found)
                        .editMetadata()
                        .withCreationTimestamp("2026-01-01T00:00:00Z")
                        .endMetadata()
                        .editStatus()
                        .addNewContainerStatus()
                        .withName("worker")
                        .withNewState()
                        .withNewWaiting()
                        .withReason("ImagePullBackOff")
                        .withMessage("no such image")
                        .endWaiting()
                        .endState()
                        .endContainerStatus()
                        .endStatus()
                        .build());
        Instant created = Instant.parse(client.pods()
                .inNamespace(namespace())
                .withName(pod.getMetadata().getName())
                .get()
                .getMetadata()
                .getCreationTimestamp());
        try (Dispatcher soon = start(1, null, at(created.plus(Duration.ofMinutes(14))))) {
            soon.dispatch(runs);
            soon.dispatch(runs);
        }
        assertThat(runs.logs.get(run.id()).stream().filter(line -> line.contains("no such image")))
                .hasSize(1);
        assertThat(runs.ends).isEmpty();
        try (Dispatcher later = start(1, null, at(created.plus(Duration.ofMinutes(16))))) {
            later.dispatch(runs);
        }
        assertThat(runs.ends.get(run.id()))
                .isEqualTo("its worker could not be started: ImagePullBackOff: no such image");
        assertThat(jobs()).isEmpty();
    }

    @Test
    void givesUpARunWhoseJobTheServerRefuses() throws Exception {
        Run run = runs.submitted();
        server.expect()
                .post()
                .withPath("/apis/batch/v1/namespaces/training/jobs")
                .andReturn(422, "{\"kind\":\"Status\",\"code\":422,\"message\":\"spec is wrong\"}")
                .once();
        dispatcher(1).dispatch(runs);
        assertThat(runs.ends.get(run.id()))
                .startsWith("Kubernetes refuses its Job")
                .contains("spec is wrong");
    }

    @Test
    void waitsWhereItLacksTheRightToMakeJobs() throws Exception {
        Run run = runs.submitted();
        server.expect()
                .post()
                .withPath("/apis/batch/v1/namespaces/training/jobs")
                .andReturn(403, "{\"kind\":\"Status\",\"code\":403,\"message\":\"forbidden\"}")
                .once();
        Dispatcher dispatcher = dispatcher(1);
        dispatcher.dispatch(runs);
        assertThat(runs.ends).isEmpty();
        dispatcher.dispatch(runs);
        assertThat(workers()).containsExactly(run.id());
    }

    @Test
    void refusesATemplateThatIsNoJobOfAWorker() {
        for (String wrong : List.of(
                "kind: Pod\napiVersion: v1\nmetadata: {name: x}",
                "nonsense",
                "kind: Job\napiVersion: batch/v1\nspec: {}")) {
            Dispatch.Kubernetes properties =
                    properties(1, null, new ByteArrayResource(wrong.getBytes(StandardCharsets.UTF_8)));
            assertThatIllegalArgumentException()
                    .as(wrong)
                    .isThrownBy(() -> RunTemplate.of(properties))
                    .withMessageContaining("platform.dispatch.kubernetes.template");
        }
    }

    private static Clock at(Instant instant) {
        return Clock.fixed(instant, ZoneOffset.UTC);
    }

    private void warn(String kind, String name, String reason, String message) {
        client.v1()
                .events()
                .inNamespace(namespace())
                .resource(new EventBuilder()
                        .withNewMetadata()
                        .withName(name + "." + reason.toLowerCase(java.util.Locale.ROOT))
                        .endMetadata()
                        .withType("Warning")
                        .withReason(reason)
                        .withMessage(message)
                        .withInvolvedObject(new ObjectReferenceBuilder()
                                .withKind(kind)
                                .withName(name)
                                .build())
                        .build())
                .create();
    }

    private void condition(Job job, String type, String reason) {
        client.batch()
                .v1()
                .jobs()
                .inNamespace(namespace())
                .withName(job.getMetadata().getName())
                .editStatus(found -> new JobBuilder(found)
                        .editOrNewStatus()
                        .addNewCondition()
                        .withType(type)
                        .withStatus("True")
                        .withReason(reason)
                        .endCondition()
                        .endStatus()
                        .build());
    }
}
