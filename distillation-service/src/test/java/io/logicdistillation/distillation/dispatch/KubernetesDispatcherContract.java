package io.logicdistillation.distillation.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.NodeSelectorTerm;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.logicdistillation.distillation.jobs.JobSpec;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.springframework.core.io.ByteArrayResource;
import org.springframework.core.io.ClassPathResource;
import org.springframework.core.io.Resource;

/** Against any API server: a mock in the ordinary test run, a control plane where there is one. */
abstract class KubernetesDispatcherContract extends StartingDispatcherContract {
    /** Another client of the same server, which the dispatcher may close. */
    protected abstract KubernetesClient connect() throws Exception;

    protected abstract KubernetesClient cluster();

    protected abstract String namespace();

    /** Makes the pod of a Job, or waits until its controller has. */
    protected abstract Pod pod(Job job) throws Exception;

    /** Whether the server runs a controller of Jobs, which draws its own conclusions from pods. */
    protected abstract void conclude(Job job, boolean well) throws Exception;

    @Override
    protected Dispatcher start(int most) throws Exception {
        return start(most, null, Clock.systemUTC());
    }

    protected final Dispatcher start(int most, @Nullable String queue, Clock clock) throws Exception {
        Dispatch.Kubernetes properties = properties(most, queue, template());
        return new KubernetesDispatcher(connect(), RunTemplate.of(properties), properties, clock);
    }

    @Override
    protected Dispatcher startAstray() throws Exception {
        Config nowhere = new ConfigBuilder(Config.empty())
                .withMasterUrl("http://127.0.0.1:9")
                .withNamespace("none")
                .withRequestRetryBackoffLimit(0)
                .build();
        Dispatch.Kubernetes properties = properties(1, null, template());
        return new KubernetesDispatcher(
                new KubernetesClientBuilder().withConfig(nowhere).build(),
                RunTemplate.of(properties),
                properties,
                Clock.systemUTC());
    }

    /** The one that is shipped; simulated nodes let its pods run until a test ends them. */
    protected static Resource template() throws Exception {
        String shipped = new ClassPathResource("training-run.yaml").getContentAsString(StandardCharsets.UTF_8);
        String steered = shipped.replace(
                "  template:\n    metadata:\n",
                "  template:\n    metadata:\n      annotations:\n        sim/run-for: 1h\n");
        assertThat(steered).isNotEqualTo(shipped);
        return new ByteArrayResource(steered.getBytes(StandardCharsets.UTF_8));
    }

    protected final Dispatch.Kubernetes properties(int most, @Nullable String queue, Resource template) {
        return new Dispatch.Kubernetes(
                namespace(),
                Dispatch.Kind.JOB,
                "training-run",
                template,
                null,
                queue,
                most,
                Duration.ofMinutes(15),
                Duration.ofHours(24),
                "nvidia.com/gpu",
                "nvidia.com/gpu.product",
                "nvidia.com/gpu.memory");
    }

    @Override
    protected Set<Run.Id> workers() {
        return jobs().stream()
                .map(Workload::of)
                .filter(job -> PodNews.end(job).isEmpty())
                .flatMap(job -> RunTemplate.run(job).stream())
                .collect(Collectors.toSet());
    }

    protected final List<Job> jobs() {
        return cluster().batch().v1().jobs().inNamespace(namespace()).list().getItems().stream()
                .filter(job -> job.getMetadata().getDeletionTimestamp() == null)
                .toList();
    }

    protected final Job job(Run run) {
        return jobs().stream()
                .filter(job -> job.getMetadata().getName().equals(run.id().worker()))
                .findFirst()
                .orElseThrow();
    }

    @Override
    protected void end(Run run, boolean well) throws Exception {
        Job job = job(run);
        Pod pod = pod(job);
        cluster()
                .pods()
                .inNamespace(namespace())
                .withName(pod.getMetadata().getName())
                .editStatus(found -> new PodBuilder(found)
                        .editOrNewStatus()
                        .withPhase(well ? "Succeeded" : "Failed")
                        .withContainerStatuses()
                        .addNewContainerStatus()
                        .withName("worker")
                        .withImage("worker")
                        .withImageID("")
                        .withReady(false)
                        .withRestartCount(0)
                        .withNewState()
                        .withNewTerminated()
                        .withExitCode(well ? 0 : 3)
                        .withReason(well ? "Completed" : "Error")
                        .endTerminated()
                        .endState()
                        .endContainerStatus()
                        .endStatus()
                        .build());
        conclude(job, well);
    }

    @Test
    void takesOverWhatIsThereAfterARestart() throws Exception {
        Run run = runs.submitted();
        Run other = runs.submitted();
        dispatcher(1).dispatch(runs);
        Dispatcher after = dispatcher(2);
        after.dispatch(runs);
        after.dispatch(runs);
        assertThat(workers()).containsExactlyInAnyOrder(run.id(), other.id());
        assertThat(runs.logs.get(run.id())).hasSize(1);
        assertThat(runs.ends).isEmpty();
    }

    @Test
    void deletesTheJobOfARunThatNobodyWaitsForAnyMore() throws Exception {
        Run cancelled = runs.submitted();
        Run kept = runs.submitted();
        dispatcher(2).dispatch(runs);
        runs.becomes(cancelled, RunBook.Phase.GONE);
        dispatcher(2).dispatch(runs);
        assertThat(workers()).containsExactly(kept.id());
        assertThat(runs.ends).isEmpty();
    }

    @Test
    void leavesOthersJobsAloneAndDeletesOursThatNameNoRun() throws Exception {
        create("somebody-elses", Map.of());
        create("ours-of-another-time", RunTemplate.OURS);
        dispatcher(2).dispatch(runs);
        assertThat(jobs().stream().map(job -> job.getMetadata().getName())).containsExactly("somebody-elses");
    }

    @Test
    void leavesAWorkerThatHasToldItsEndToEndByItself() throws Exception {
        Run run = runs.submitted();
        Dispatcher dispatcher = dispatcher(1);
        dispatcher.dispatch(runs);
        runs.becomes(run, RunBook.Phase.ENDED);
        dispatcher.dispatch(runs);
        assertThat(workers()).containsExactly(run.id());
        end(run, true);
        await(() -> {
            dispatcher.dispatch(runs);
            return jobs().isEmpty();
        });
        assertThat(runs.ends).isEmpty();
    }

    @Test
    void asksForTheGpuThatTheJobNeeds() throws Exception {
        Run run = runs.submitted("NVIDIA H100 80GB HBM3", 40_000);
        dispatcher(1).dispatch(runs);
        PodSpec pod = job(run).getSpec().getTemplate().getSpec();
        Container worker = pod.getContainers().getFirst();
        assertThat(worker.getResources().getLimits())
                .containsEntry("nvidia.com/gpu", new Quantity("1"))
                .containsKey("memory");
        assertThat(worker.getEnv())
                .contains(
                        new EnvVar("LD_GPU_TYPE", "NVIDIA H100 80GB HBM3", null),
                        new EnvVar("LD_GPU_MEMORY_MB", "40000", null));
        assertThat(pod.getTolerations()).anyMatch(toleration -> "nvidia.com/gpu".equals(toleration.getKey()));
        List<NodeSelectorTerm> terms = pod.getAffinity()
                .getNodeAffinity()
                .getRequiredDuringSchedulingIgnoredDuringExecution()
                .getNodeSelectorTerms();
        assertThat(terms).hasSize(1);
        assertThat(terms.getFirst().getMatchExpressions())
                .extracting(each -> each.getKey() + " " + each.getOperator() + " " + each.getValues())
                .containsExactly(
                        "nvidia.com/gpu.product In [NVIDIA-H100-80GB-HBM3]", "nvidia.com/gpu.memory Gt [39999]");
    }

    @Test
    void asksForAsManyGpusAsTheJobIsSpreadOverOfWhicheverKind() throws Exception {
        Run run = runs.submitted(new JobSpec.Resources(false, null, null, 4, true));
        dispatcher(1).dispatch(runs);
        PodSpec pod = job(run).getSpec().getTemplate().getSpec();
        Container worker = pod.getContainers().getFirst();
        assertThat(worker.getResources().getLimits()).containsEntry("nvidia.com/gpu", new Quantity("4"));
        assertThat(worker.getEnv()).contains(new EnvVar("LD_GPUS", "4", null), new EnvVar("LD_GPU_TYPE", "any", null));
        assertThat(pod.getAffinity()).isNull();
    }

    @Test
    void makesAJobThatARestrictedNamespaceTakesAndThatEndsItself() throws Exception {
        Run run = runs.submitted();
        dispatcher(1).dispatch(runs);
        Job job = job(run);
        PodSpec pod = job.getSpec().getTemplate().getSpec();
        assertThat(job.getSpec().getActiveDeadlineSeconds()).isEqualTo(86_400L);
        assertThat(job.getSpec().getTtlSecondsAfterFinished()).isPositive();
        assertThat(job.getSpec().getBackoffLimit()).isZero();
        assertThat(job.getSpec().getPodFailurePolicy().getRules())
                .extracting(rule -> rule.getAction())
                .containsExactly("Ignore", "FailJob");
        assertThat(pod.getAutomountServiceAccountToken()).isFalse();
        assertThat(pod.getSecurityContext().getRunAsNonRoot()).isTrue();
        assertThat(pod.getContainers().getFirst().getSecurityContext().getReadOnlyRootFilesystem())
                .isTrue();
        assertThat(pod.getContainers().getFirst().getEnv())
                .contains(
                        new EnvVar("LD_JOB", run.id().job(), null),
                        new EnvVar("LD_RUN", "1", null),
                        new EnvVar("LD_NAME", run.id().worker(), null));
        assertThat(pod.getContainers().getFirst().getResources().getLimits()).doesNotContainKey("nvidia.com/gpu");
        assertThat(pod(job).getMetadata().getLabels()).containsEntry(RunTemplate.RUN, "1");
    }

    @Test
    void standsInTheQueueThatIsNamed() throws Exception {
        Run run = runs.submitted();
        try (Dispatcher dispatcher = start(1, "training", Clock.systemUTC())) {
            dispatcher.dispatch(runs);
        }
        assertThat(job(run).getMetadata().getLabels()).containsEntry("kueue.x-k8s.io/queue-name", "training");
    }

    private void create(String name, Map<String, String> labels) {
        Job job = new JobBuilder()
                .withNewMetadata()
                .withName(name)
                .withLabels(labels)
                .endMetadata()
                .withNewSpec()
                .withSuspend(true)
                .withNewTemplate()
                .withNewSpec()
                .withRestartPolicy("Never")
                .addNewContainer()
                .withName("x")
                .withImage("x:1")
                .endContainer()
                .endSpec()
                .endTemplate()
                .endSpec()
                .build();
        cluster().batch().v1().jobs().inNamespace(namespace()).resource(job).create();
    }
}
