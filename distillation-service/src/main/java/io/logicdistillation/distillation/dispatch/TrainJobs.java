package io.logicdistillation.distillation.dispatch;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.DeletionPropagation;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.GenericKubernetesResourceBuilder;
import io.fabric8.kubernetes.api.model.GenericKubernetesResourceList;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.MixedOperation;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * TrainJobs of Kubeflow Trainer. What is the same for all runs (image, volumes, security) stands in a TrainingRuntime of the
 * namespace; a TrainJob adds the run, and the GPUs that its job asks for as a patch of that runtime. One node each: a run that is
 * spread over GPUs starts its processes itself, see the worker.
 */
final class TrainJobs implements Workloads {
    private static final String GROUP = "trainer.kubeflow.org";
    private static final String VERSION = "v1alpha1";
    /** The replicated job in the runtime, and its container, by Trainer's convention. */
    private static final String NODE = "node";

    static final ResourceDefinitionContext KIND = new ResourceDefinitionContext.Builder()
            .withGroup(GROUP)
            .withVersion(VERSION)
            .withKind("TrainJob")
            .withPlural("trainjobs")
            .withNamespaced(true)
            .build();

    private final KubernetesClient client;
    private final String namespace;
    private final RunTemplate template;
    private final Dispatch.Kubernetes properties;

    TrainJobs(KubernetesClient client, String namespace, RunTemplate template, Dispatch.Kubernetes properties) {
        this.client = client;
        this.namespace = namespace;
        this.template = template;
        this.properties = properties;
    }

    @Override
    public String kind() {
        return "TrainJob";
    }

    @Override
    public List<Workload> list() {
        return all().inNamespace(namespace).withLabels(RunTemplate.OURS).list().getItems().stream()
                .map(Workload::of)
                .toList();
    }

    @Override
    public void create(Run run) {
        all().inNamespace(namespace).resource(trainJob(run)).create();
    }

    @Override
    public void delete(String name) {
        all().inNamespace(namespace)
                .withName(name)
                .withPropagationPolicy(DeletionPropagation.BACKGROUND)
                .delete();
    }

    /** Trainer makes a JobSet of the same name. */
    @Override
    public String podLabel() {
        return "jobset.sigs.k8s.io/jobset-name";
    }

    @Override
    public String container() {
        return NODE;
    }

    /** Says what differs between runs, in the words of the Job that would run it. */
    private GenericKubernetesResource trainJob(Run run) {
        io.fabric8.kubernetes.api.model.batch.v1.Job job = template.job(run);
        PodSpec pod = job.getSpec().getTemplate().getSpec();
        Container worker = pod.getContainers().stream()
                .filter(container -> RunTemplate.CONTAINER.equals(container.getName()))
                .findFirst()
                .orElseThrow();
        Map<String, Object> trainer = new HashMap<>();
        trainer.put("numNodes", 1);
        trainer.put("env", worker.getEnv());
        trainer.put("resourcesPerNode", worker.getResources());
        String image = properties.image();
        if (image != null && !image.isBlank()) {
            trainer.put("image", image);
        }
        Map<String, Object> spec = new HashMap<>();
        spec.put("runtimeRef", Map.of("apiGroup", GROUP, "kind", "TrainingRuntime", "name", properties.runtime()));
        spec.put("trainer", trainer);
        spec.put("activeDeadlineSeconds", properties.deadline().toSeconds());
        spec.put("runtimePatches", List.of(patch(job.getMetadata().getLabels(), pod)));
        return new GenericKubernetesResourceBuilder()
                .withApiVersion(GROUP + "/" + VERSION)
                .withKind("TrainJob")
                .withNewMetadata()
                .withName(run.id().worker())
                .withLabels(job.getMetadata().getLabels())
                .endMetadata()
                .addToAdditionalProperties("spec", spec)
                .build();
    }

    private static Map<String, Object> patch(Map<String, String> labels, PodSpec pod) {
        Map<String, Object> place = new HashMap<>();
        if (pod.getAffinity() != null) {
            place.put("affinity", pod.getAffinity());
        }
        if (!pod.getTolerations().isEmpty()) {
            place.put("tolerations", pod.getTolerations());
        }
        Map<String, Object> template =
                Map.of("spec", Map.of("template", Map.of("metadata", Map.of("labels", labels), "spec", place)));
        Map<String, Object> node = Map.of("name", NODE, "template", template);
        return Map.of(
                "manager",
                "logic-distillation.io/dispatch",
                "trainingRuntimeSpec",
                Map.of("template", Map.of("spec", Map.of("replicatedJobs", List.of(node)))));
    }

    private MixedOperation<
                    GenericKubernetesResource, GenericKubernetesResourceList, Resource<GenericKubernetesResource>>
            all() {
        return client.genericKubernetesResources(KIND);
    }
}
