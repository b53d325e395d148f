package io.logicdistillation.distillation.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolumeBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ServiceAccountBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateFactory;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;

/**
 * The same against a control plane, as an administrator's kubeconfig in LD_TEST_KUBECONFIG reaches it: its controllers, scheduler and
 * admission are real, its nodes may be simulated (kwok). The dispatcher itself has no more rights than {@code k8s/components/dispatch}
 * gives.
 */
@EnabledIfEnvironmentVariable(named = "LD_TEST_KUBECONFIG", matches = ".+")
class KubernetesClusterTest extends KubernetesDispatcherContract {
    private static final Path RIGHTS = Path.of("..", "k8s", "components", "dispatch", "dispatch.yaml");

    private final String namespace = "ld-" + UUID.randomUUID();
    private KubernetesClient cluster;

    @BeforeEach
    void prepare() throws Exception {
        cluster = new KubernetesClientBuilder().withConfig(config().build()).build();
        cluster.resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName(namespace)
                        .withLabels(Map.of("pod-security.kubernetes.io/enforce", "restricted"))
                        .endMetadata()
                        .build())
                .create();
        cluster.resource(account("distillation-service")).inNamespace(namespace).create();
        String rights = Files.readString(RIGHTS).replace("namespace: logic-distillation", "namespace: " + namespace);
        for (HasMetadata each : cluster.load(new ByteArrayInputStream(rights.getBytes(StandardCharsets.UTF_8)))
                .items()) {
            cluster.resource(each).inNamespace(namespace).create();
        }
        volume();
    }

    @AfterEach
    void remove() {
        cluster.namespaces().withName(namespace).delete();
        cluster.persistentVolumes().withName(namespace).delete();
        cluster.close();
    }

    @Override
    protected KubernetesClient connect() throws Exception {
        Config limited = config().withNamespace(namespace)
                .withImpersonateUsername("system:serviceaccount:" + namespace + ":distillation-service")
                .build();
        return new KubernetesClientBuilder().withConfig(limited).build();
    }

    @Override
    protected KubernetesClient cluster() {
        return cluster;
    }

    @Override
    protected String namespace() {
        return namespace;
    }

    @Override
    protected Pod pod(Job job) throws Exception {
        await(() -> pods(job).stream()
                .anyMatch(pod -> "Running".equals(pod.getStatus().getPhase())));
        return pods(job).stream()
                .filter(pod -> "Running".equals(pod.getStatus().getPhase()))
                .findFirst()
                .orElseThrow();
    }

    @Override
    protected void conclude(Job job, boolean well) throws Exception {
        await(() -> jobs().stream()
                .filter(found ->
                        found.getMetadata().getUid().equals(job.getMetadata().getUid()))
                .allMatch(found -> PodNews.end(Workload.of(found)).isPresent()));
    }

    @Test
    void runsWhereTheGpuIsAndSaysWhatItWaitsForWhereNoneIs() throws Exception {
        Node node = cluster.nodes().list().getItems().stream()
                .filter(each -> each.getStatus().getAllocatable().containsKey("nvidia.com/gpu"))
                .findFirst()
                .orElseThrow();
        cluster.nodes()
                .withName(node.getMetadata().getName())
                .edit(found -> new NodeBuilder(found)
                        .editMetadata()
                        .addToLabels("nvidia.com/gpu.product", "NVIDIA-H100")
                        .addToLabels("nvidia.com/gpu.memory", "81559")
                        .endMetadata()
                        .build());
        Run fits = runs.submitted("NVIDIA H100", 40_000);
        Run tooLarge = runs.submitted("NVIDIA H100", 90_000);
        Dispatcher dispatcher = dispatcher(2);
        dispatcher.dispatch(runs);
        assertThat(pod(job(fits)).getSpec().getNodeName())
                .isEqualTo(node.getMetadata().getName());
        await(() -> {
            dispatcher.dispatch(runs);
            return runs.logs.get(tooLarge.id()).stream().anyMatch(line -> line.contains("Unschedulable"));
        });
        assertThat(runs.ends).isEmpty();
    }

    @Test
    void keepsARunWhosePodIsEvictedBeforeItWasClaimed() throws Exception {
        Run run = runs.submitted();
        Dispatcher dispatcher = dispatcher(1);
        dispatcher.dispatch(runs);
        Pod first = pod(job(run));
        cluster.pods().resource(first).evict();
        await(() -> pods(job(run)).stream()
                .noneMatch(pod ->
                        pod.getMetadata().getUid().equals(first.getMetadata().getUid())));
        assertThat(pod(job(run)).getMetadata().getUid())
                .isNotEqualTo(first.getMetadata().getUid());
        dispatcher.dispatch(runs);
        assertThat(workers()).isEqualTo(Set.of(run.id()));
        assertThat(runs.ends).isEmpty();
    }

    @Test
    void takesThePodAwayWithTheJobOfACancelledRun() throws Exception {
        Run run = runs.submitted();
        Dispatcher dispatcher = dispatcher(1);
        dispatcher.dispatch(runs);
        Job job = job(run);
        pod(job);
        runs.becomes(run, RunBook.Phase.GONE);
        dispatcher.dispatch(runs);
        await(() -> pods(job).isEmpty());
    }

    private List<Pod> pods(Job job) {
        return cluster.pods()
                .inNamespace(namespace)
                .withLabel("batch.kubernetes.io/job-name", job.getMetadata().getName())
                .list()
                .getItems();
    }

    private static ConfigBuilder config() throws Exception {
        Config found = Config.fromKubeconfig(
                Path.of(System.getenv("LD_TEST_KUBECONFIG")).toFile());
        ConfigBuilder builder = new ConfigBuilder(found);
        String certificate = found.getClientCertData();
        // The client takes a key whose PEM does not name its kind for one of RSA; the certificate beside it knows.
        return certificate == null ? builder : builder.withClientKeyAlgo(kindOfKey(certificate));
    }

    private static String kindOfKey(String certificate) throws Exception {
        byte[] pem = Base64.getDecoder().decode(certificate);
        return CertificateFactory.getInstance("X.509")
                .generateCertificate(new ByteArrayInputStream(pem))
                .getPublicKey()
                .getAlgorithm();
    }

    private static HasMetadata account(String name) {
        return new ServiceAccountBuilder()
                .withNewMetadata()
                .withName(name)
                .endMetadata()
                .build();
    }

    /** Of the model, which the template mounts; the scheduler waits for it. */
    private void volume() throws Exception {
        Map<String, Quantity> size = Map.of("storage", new Quantity("1Gi"));
        cluster.resource(new PersistentVolumeBuilder()
                        .withNewMetadata()
                        .withName(namespace)
                        .endMetadata()
                        .withNewSpec()
                        .withCapacity(size)
                        .withAccessModes("ReadOnlyMany")
                        .withStorageClassName("")
                        .withNewHostPath("/var/empty", "")
                        .withNewClaimRef()
                        .withNamespace(namespace)
                        .withName("models")
                        .endClaimRef()
                        .endSpec()
                        .build())
                .create();
        cluster.resource(new PersistentVolumeClaimBuilder()
                        .withNewMetadata()
                        .withName("models")
                        .endMetadata()
                        .withNewSpec()
                        .withAccessModes("ReadOnlyMany")
                        .withStorageClassName("")
                        .withVolumeName(namespace)
                        .withNewResources()
                        .withRequests(size)
                        .endResources()
                        .endSpec()
                        .build())
                .inNamespace(namespace)
                .create();
        await(() -> "Bound"
                .equals(cluster.persistentVolumeClaims()
                        .inNamespace(namespace)
                        .withName("models")
                        .get()
                        .getStatus()
                        .getPhase()));
    }
}
