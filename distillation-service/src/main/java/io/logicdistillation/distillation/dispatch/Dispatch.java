package io.logicdistillation.distillation.dispatch;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.logicdistillation.distillation.students.StoreProperties;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.io.Resource;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/** Lets the dispatcher look at what waits. */
@Component
class Dispatch {
    private final Dispatcher dispatcher;
    private final RunBook runs;

    Dispatch(Dispatcher dispatcher, RunBook runs) {
        this.dispatcher = dispatcher;
        this.runs = runs;
    }

    /** Who brings workers. */
    enum Way {
        PULL,
        LOCAL,
        KUBERNETES
    }

    /**
     * @param way pull unless something else is asked for
     * @param command that starts a worker, for local
     * @param processes at once, for local
     * @param kubernetes where Jobs are made, and of what
     */
    @ConfigurationProperties("platform.dispatch")
    record Properties(
            @DefaultValue("pull") Way way,
            @DefaultValue List<String> command,
            @DefaultValue("1") int processes,
            @DefaultValue Kubernetes kubernetes) {}

    /** What a run becomes on Kubernetes. */
    enum Kind {
        JOB,
        /** Of Kubeflow Trainer. */
        TRAIN_JOB
    }

    /**
     * @param namespace of the Jobs; the service's own if absent
     * @param kind a plain Job unless something else is asked for
     * @param runtime the TrainingRuntime of TrainJobs
     * @param template a Job with a container named worker, to which the run is added
     * @param image of the worker; the template's if absent
     * @param queue of Kueue in which Jobs wait; none if absent
     * @param most Jobs at once
     * @param startWithin after which a pod whose container can not be made is given up
     * @param deadline after which a run is ended, whatever it does
     * @param gpuResource that a node gives out
     * @param gpuTypeLabel of nodes that a job's GPU type is looked for in
     * @param gpuMemoryLabel of nodes, in MB, that a job's GPU memory is compared with
     */
    record Kubernetes(
            @Nullable String namespace,
            @DefaultValue("job") Kind kind,
            @DefaultValue("training-run") String runtime,
            @DefaultValue("classpath:training-run.yaml") Resource template,
            @Nullable String image,
            @Nullable String queue,
            @DefaultValue("20") int most,
            @DefaultValue("15m") Duration startWithin,
            @DefaultValue("24h") Duration deadline,
            @DefaultValue("nvidia.com/gpu") String gpuResource,
            @DefaultValue("nvidia.com/gpu.product") String gpuTypeLabel,
            @DefaultValue("nvidia.com/gpu.memory") String gpuMemoryLabel) {}

    @Configuration(proxyBeanMethods = false)
    static class Chosen {
        /** @throws IOException if the template of Jobs can not be read, so that it shows at start-up */
        @Bean
        Dispatcher dispatcher(Properties properties, StoreProperties store, DataSource database, Clock clock)
                throws IOException {
            return switch (properties.way()) {
                case PULL -> new PullDispatcher();
                case LOCAL ->
                    new LocalDispatcher(
                            properties.command(),
                            properties.processes(),
                            store.requiredDataDir().resolve("workers.log"));
                case KUBERNETES -> new OneAtATime(database, kubernetes(properties.kubernetes(), clock));
            };
        }

        private static Dispatcher kubernetes(Kubernetes properties, Clock clock) throws IOException {
            RunTemplate template = RunTemplate.of(properties);
            KubernetesClient client = new KubernetesClientBuilder().build();
            return new KubernetesDispatcher(client, template, properties, clock);
        }
    }

    @Scheduled(fixedDelayString = "${platform.dispatch.every:5s}")
    void dispatch() {
        dispatcher.dispatch(runs);
    }
}
