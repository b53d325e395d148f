package io.logicdistillation.distillation.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.GenericKubernetesResourceList;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.dsl.NonNamespaceOperation;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.server.mock.EnableKubernetesMockClient;
import io.fabric8.kubernetes.client.server.mock.KubernetesMockServer;
import io.logicdistillation.distillation.jobs.JobSpec;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.springframework.core.io.ClassPathResource;

/** The same contract with TrainJobs, on fabric8's server in memory. No Kubeflow Trainer was at hand: what it would do, the test does. */
@EnableKubernetesMockClient(crud = true)
class TrainJobsTest extends StartingDispatcherContract {
    private static final String NAMESPACE = "training";

    private KubernetesMockServer server;
    private KubernetesClient client;

    @Override
    protected Dispatcher start(int most) throws Exception {
        return over(server.createClient(), properties(most, null));
    }

    @Override
    protected Dispatcher startAstray() throws Exception {
        Config nowhere = new ConfigBuilder(Config.empty())
                .withMasterUrl("http://127.0.0.1:9")
                .withRequestRetryBackoffLimit(0)
                .build();
        return over(new KubernetesClientBuilder().withConfig(nowhere).build(), properties(1, null));
    }

    private static Dispatcher over(KubernetesClient client, Dispatch.Kubernetes properties) throws Exception {
        return new KubernetesDispatcher(client, RunTemplate.of(properties), properties, Clock.systemUTC());
    }

    private static Dispatch.Kubernetes properties(int most, @Nullable String image) {
        return new Dispatch.Kubernetes(
                NAMESPACE,
                Dispatch.Kind.TRAIN_JOB,
                "training-run",
                new ClassPathResource("training-run.yaml"),
                image,
                "queue",
                most,
                Duration.ofMinutes(15),
                Duration.ofHours(24),
                "nvidia.com/gpu",
                "nvidia.com/gpu.product",
                "nvidia.com/gpu.memory");
    }

    @Override
    protected Set<Run.Id> workers() {
        return trainJobs().list().getItems().stream()
                .map(Workload::of)
                .filter(job -> PodNews.end(job).isEmpty())
                .flatMap(job -> RunTemplate.run(job).stream())
                .collect(Collectors.toSet());
    }

    @Override
    protected void end(Run run, boolean well) {
        Pod pod = new PodBuilder()
                .withNewMetadata()
                .withName(run.id().worker() + "-node-0-0-x")
                .addToLabels("jobset.sigs.k8s.io/jobset-name", run.id().worker())
                .endMetadata()
                .withNewStatus()
                .withPhase(well ? "Succeeded" : "Failed")
                .addNewContainerStatus()
                .withName("worker")
                .withNewState()
                .withNewTerminated()
                .withExitCode(well ? 0 : 3)
                .endTerminated()
                .endState()
                .endContainerStatus()
                .endStatus()
                .build();
        client.pods().inNamespace(NAMESPACE).resource(pod).create();
        says(run, well ? "Complete" : "Failed", well ? "JobsCompleted" : "JobsFailed");
    }

    @Test
    void saysOfARunOnlyWhatTheRuntimeDoesNot() throws Exception {
        Run run = runs.submitted();
        over(server.createClient(), properties(1, "here/worker:2")).dispatch(runs);
        GenericKubernetesResource job = trainJob(run);
        assertThat(job.getMetadata().getLabels())
                .containsEntry("kueue.x-k8s.io/queue-name", "queue")
                .containsEntry(RunTemplate.RUN, "1");
        assertThat(job.<Map<String, String>>get("spec", "runtimeRef"))
                .containsEntry("kind", "TrainingRuntime")
                .containsEntry("name", "training-run");
        assertThat(job.<Integer>get("spec", "activeDeadlineSeconds")).isEqualTo(86_400);
        assertThat(job.<String>get("spec", "trainer", "image")).isEqualTo("here/worker:2");
        assertThat(job.<Integer>get("spec", "trainer", "numNodes")).isEqualTo(1);
        assertThat(environment(job))
                .containsEntry("LD_JOB", run.id().job())
                .containsEntry("LD_RUN", "1")
                .containsEntry("LD_NAME", run.id().worker());
        assertThat(node(job).toString()).contains(RunTemplate.JOB).doesNotContain("affinity", "tolerations");
    }

    @Test
    void asksForTheGpusThatTheJobNeeds() throws Exception {
        Run run = runs.submitted(new JobSpec.Resources(false, "NVIDIA H100", 40_000, 2, null));
        dispatcher(1).dispatch(runs);
        GenericKubernetesResource job = trainJob(run);
        assertThat(job.<String>get("spec", "trainer", "resourcesPerNode", "limits", "nvidia.com/gpu"))
                .isEqualTo("2");
        assertThat(environment(job)).containsEntry("LD_GPUS", "2").containsEntry("LD_GPU_TYPE", "NVIDIA H100");
        assertThat(node(job).toString())
                .contains("nvidia.com/gpu.product", "NVIDIA-H100", "nvidia.com/gpu.memory", "39999", "tolerations");
    }

    @Test
    void takesOverWhatIsThereAfterARestartAndDeletesWhatNobodyWaitsFor() throws Exception {
        Run kept = runs.submitted();
        Run cancelled = runs.submitted();
        dispatcher(2).dispatch(runs);
        runs.becomes(cancelled, RunBook.Phase.GONE);
        dispatcher(2).dispatch(runs);
        assertThat(workers()).containsExactly(kept.id());
        assertThat(runs.logs.get(kept.id()))
                .containsExactly("Kubernetes: the TrainJob " + kept.id().worker() + " is made");
        assertThat(runs.ends).isEmpty();
    }

    @Test
    void saysOnceThatARunWaitsInTheQueueAndWhyOneFailed() throws Exception {
        Run run = runs.submitted();
        Dispatcher dispatcher = dispatcher(1);
        dispatcher.dispatch(runs);
        says(run, "Suspended", "Suspended");
        dispatcher.dispatch(runs);
        dispatcher.dispatch(runs);
        assertThat(runs.logs.get(run.id()))
                .filteredOn(line -> line.equals("Kubernetes: waits in the queue"))
                .hasSize(1);
        says(run, "Failed", "DeadlineExceeded");
        dispatcher.dispatch(runs);
        assertThat(runs.ends.get(run.id())).isEqualTo("DeadlineExceeded");
        assertThat(trainJobs().list().getItems()).isEmpty();
    }

    @Test
    void givesUpARunWhoseTrainJobIsRefused() throws Exception {
        Run run = runs.submitted();
        server.expect()
                .post()
                .withPath("/apis/trainer.kubeflow.org/v1alpha1/namespaces/training/trainjobs")
                .andReturn(422, "{\"kind\":\"Status\",\"code\":422,\"message\":\"there is no such runtime\"}")
                .once();
        dispatcher(1).dispatch(runs);
        assertThat(runs.ends.get(run.id()))
                .startsWith("Kubernetes refuses its TrainJob")
                .contains("there is no such runtime");
    }

    /** As its controller would. */
    private void says(Run run, String type, String reason) {
        trainJobs().withName(run.id().worker()).edit(found -> {
            List<Object> conditions = new ArrayList<>();
            Object before = found.get("status", "conditions");
            if (before instanceof List<?> list) {
                conditions.addAll(list);
            }
            conditions.add(Map.of("type", type, "status", "True", "reason", reason));
            found.setAdditionalProperty("status", Map.of("conditions", conditions));
            return found;
        });
    }

    private GenericKubernetesResource trainJob(Run run) {
        return trainJobs().withName(run.id().worker()).require();
    }

    private NonNamespaceOperation<
                    GenericKubernetesResource, GenericKubernetesResourceList, Resource<GenericKubernetesResource>>
            trainJobs() {
        return client.genericKubernetesResources(TrainJobs.KIND).inNamespace(NAMESPACE);
    }

    private static Map<String, String> environment(GenericKubernetesResource job) {
        List<Map<String, String>> found = job.get("spec", "trainer", "env");
        return found.stream().collect(Collectors.toMap(each -> each.get("name"), each -> each.get("value")));
    }

    private static Object node(GenericKubernetesResource job) {
        List<Map<String, Object>> patches = job.get("spec", "runtimePatches");
        return patches.getFirst().get("trainingRuntimeSpec");
    }
}
