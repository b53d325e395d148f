package io.logicdistillation.distillation.dispatch;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.EnvVarBuilder;
import io.fabric8.kubernetes.api.model.NodeSelectorRequirement;
import io.fabric8.kubernetes.api.model.NodeSelectorRequirementBuilder;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.PodSpecBuilder;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.Toleration;
import io.fabric8.kubernetes.api.model.TolerationBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobBuilder;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import io.logicdistillation.distillation.jobs.JobSpec;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A Job of Kubernetes for a run: the template, with the run's name, and the GPUs that its job asks for. Thread-safe. */
final class RunTemplate {
    /** Marks our Jobs; everything with it is ours to delete. */
    static final Map<String, String> OURS = Map.of("logic-distillation/runs", "training");

    static final String NUMBER = "logic-distillation/job-number";
    static final String JOB = "logic-distillation/job";
    static final String RUN = "logic-distillation/run";
    static final String CONTAINER = "worker";
    private static final String QUEUE = "kueue.x-k8s.io/queue-name";

    private final Job template;
    private final Dispatch.Kubernetes properties;

    private RunTemplate(Job template, Dispatch.Kubernetes properties) {
        this.template = template;
        this.properties = properties;
    }

    /** @throws IllegalArgumentException if it is no Job with a container of the worker */
    static RunTemplate of(Dispatch.Kubernetes properties) throws IOException {
        try (InputStream bytes = properties.template().getInputStream()) {
            Object read = new KubernetesSerialization().unmarshal(bytes);
            if (read instanceof Job job && hasWorker(job)) {
                return new RunTemplate(job, properties);
            }
        } catch (RuntimeException unreadable) {
            throw new IllegalArgumentException(refusal(properties), unreadable);
        }
        throw new IllegalArgumentException(refusal(properties));
    }

    private static boolean hasWorker(Job job) {
        return Optional.ofNullable(job.getSpec()).map(spec -> spec.getTemplate()).map(PodTemplateSpec::getSpec).stream()
                .flatMap(pod -> pod.getContainers().stream())
                .anyMatch(container -> CONTAINER.equals(container.getName()));
    }

    /** The run that a workload of ours is for; nothing if its labels do not say. */
    static Optional<Run.Id> run(Workload workload) {
        Map<String, String> labels = workload.labels();
        try {
            return Optional.of(new Run.Id(
                    Long.parseLong(labels.getOrDefault(NUMBER, "")),
                    labels.getOrDefault(JOB, ""),
                    Long.parseLong(labels.getOrDefault(RUN, ""))));
        } catch (NumberFormatException none) {
            return Optional.empty();
        }
    }

    Job job(Run run) {
        Map<String, String> labels = labels(run.id());
        PodSpec pod = pod(template);
        PodSpecBuilder filled = new PodSpecBuilder(pod)
                .withContainers(pod.getContainers().stream()
                        .map(container -> CONTAINER.equals(container.getName()) ? worker(container, run) : container)
                        .toList());
        if (run.needsGpu()) {
            filled.addToTolerations(toleration());
        }
        List<NodeSelectorRequirement> nodes = nodes(run.spec().resources());
        if (!nodes.isEmpty()) {
            filled.editOrNewAffinity()
                    .editOrNewNodeAffinity()
                    .editOrNewRequiredDuringSchedulingIgnoredDuringExecution()
                    .addNewNodeSelectorTerm()
                    .addAllToMatchExpressions(nodes)
                    .endNodeSelectorTerm()
                    .endRequiredDuringSchedulingIgnoredDuringExecution()
                    .endNodeAffinity()
                    .endAffinity();
        }
        JobBuilder built = new JobBuilder(template)
                .editMetadata()
                .withName(run.id().worker())
                .addToLabels(labels)
                .endMetadata()
                .editSpec()
                .withActiveDeadlineSeconds(properties.deadline().toSeconds())
                .editTemplate()
                .editOrNewMetadata()
                .addToLabels(labels)
                .endMetadata()
                .withSpec(filled.build())
                .endTemplate()
                .endSpec();
        String queue = properties.queue();
        if (queue != null && !queue.isBlank()) {
            built.editMetadata().addToLabels(QUEUE, queue).endMetadata();
        }
        return built.build();
    }

    private Container worker(Container container, Run run) {
        JobSpec.Resources asked = run.spec().resources();
        ContainerBuilder built = new ContainerBuilder(container)
                .addToEnv(
                        variable("LD_JOB", run.id().job()),
                        variable("LD_RUN", Long.toString(run.id().run())),
                        variable("LD_NAME", run.id().worker()));
        String image = properties.image();
        if (image != null && !image.isBlank()) {
            built.withImage(image);
        }
        if (run.needsGpu()) {
            // What the node's labels promised; the service gives the job to no worker that announces less.
            built.addToEnv(
                    variable("LD_GPU_TYPE", asked.gpuType() == null ? "any" : asked.gpuType()),
                    variable("LD_GPU_MEMORY_MB", Integer.toString(Math.max(1, asked.gpuMemoryMb()))),
                    variable("LD_GPUS", asked.gpus().toString()));
            built.editOrNewResources()
                    .addToLimits(
                            properties.gpuResource(), new Quantity(asked.gpus().toString()))
                    .endResources();
        }
        return built.build();
    }

    /** Nodes whose GPU is of the type, spelt as a label must be, and has the memory. */
    private List<NodeSelectorRequirement> nodes(JobSpec.Resources asked) {
        List<NodeSelectorRequirement> found = new ArrayList<>();
        String type = asked.gpuType();
        if (type != null) {
            String spelt = type.replace(' ', '-');
            found.add(
                    requirement(properties.gpuTypeLabel(), "In", type.equals(spelt) ? List.of(type) : List.of(spelt)));
        }
        if (asked.gpuMemoryMb() > 0) {
            found.add(
                    requirement(properties.gpuMemoryLabel(), "Gt", List.of(Integer.toString(asked.gpuMemoryMb() - 1))));
        }
        return found;
    }

    private Toleration toleration() {
        return new TolerationBuilder()
                .withKey(properties.gpuResource())
                .withOperator("Exists")
                .withEffect("NoSchedule")
                .build();
    }

    private static Map<String, String> labels(Run.Id run) {
        Map<String, String> labels = new HashMap<>(OURS);
        labels.put(NUMBER, Long.toString(run.number()));
        labels.put(JOB, run.job());
        labels.put(RUN, Long.toString(run.run()));
        return labels;
    }

    private static NodeSelectorRequirement requirement(String label, String operator, List<String> values) {
        return new NodeSelectorRequirementBuilder()
                .withKey(label)
                .withOperator(operator)
                .withValues(values)
                .build();
    }

    private static EnvVar variable(String name, String value) {
        return new EnvVarBuilder().withName(name).withValue(value).build();
    }

    private static PodSpec pod(Job job) {
        return job.getSpec().getTemplate().getSpec();
    }

    private static String refusal(Dispatch.Kubernetes properties) {
        return "platform.dispatch.kubernetes.template (" + properties.template().getDescription()
                + ") must be a Job with a container named " + CONTAINER;
    }
}
