package io.logicdistillation.distillation.dispatch;

import io.fabric8.kubernetes.api.model.DeletionPropagation;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.List;

/** Plain Jobs of Kubernetes, made from a template. */
final class PlainJobs implements Workloads {
    private final KubernetesClient client;
    private final String namespace;
    private final RunTemplate template;

    PlainJobs(KubernetesClient client, String namespace, RunTemplate template) {
        this.client = client;
        this.namespace = namespace;
        this.template = template;
    }

    @Override
    public String kind() {
        return "Job";
    }

    @Override
    public List<Workload> list() {
        return client.batch().v1().jobs().inNamespace(namespace).withLabels(RunTemplate.OURS).list().getItems().stream()
                .map(Workload::of)
                .toList();
    }

    @Override
    public void create(Run run) {
        client.batch()
                .v1()
                .jobs()
                .inNamespace(namespace)
                .resource(template.job(run))
                .create();
    }

    @Override
    public void delete(String name) {
        client.batch()
                .v1()
                .jobs()
                .inNamespace(namespace)
                .withName(name)
                .withPropagationPolicy(DeletionPropagation.BACKGROUND)
                .delete();
    }

    @Override
    public String podLabel() {
        return "batch.kubernetes.io/job-name";
    }

    @Override
    public String container() {
        return RunTemplate.CONTAINER;
    }
}
