package io.logicdistillation.distillation.dispatch;

import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.NamespacedKubernetesClient;
import io.fabric8.kubernetes.client.RequestConfig;
import io.fabric8.kubernetes.client.RequestConfigBuilder;
import java.net.HttpURLConnection;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A workload of Kubernetes for each run, a Job by default. What there is, is read anew from the cluster each time and compared with
 * what the service knows, so that nothing is lost with the process: one that is there already is taken over by its name, one whose run
 * nobody waits for is deleted. Workloads are read before runs: a run that its worker has ended by then is never taken for one that it
 * left.
 */
final class KubernetesDispatcher implements Dispatcher {
    private static final Logger log = LoggerFactory.getLogger(KubernetesDispatcher.class);
    private static final int TAIL = 50;
    private static final RequestConfig ONCE =
            new RequestConfigBuilder().withRequestRetryBackoffLimit(0).build();

    private final KubernetesClient client;
    private final Workloads workloads;
    private final Dispatch.Kubernetes properties;
    private final String namespace;
    private final Clock clock;
    /** What was said last of a workload that waits; said again after a restart, which does no harm. */
    private final Map<String, String> said = new HashMap<>();

    KubernetesDispatcher(KubernetesClient client, RunTemplate template, Dispatch.Kubernetes properties, Clock clock) {
        this.client = client;
        this.properties = properties;
        String own = properties.namespace();
        this.namespace = own == null || own.isBlank() ? client.getNamespace() : own;
        this.workloads = switch (properties.kind()) {
            case JOB -> new PlainJobs(client, namespace, template);
            case TRAIN_JOB -> new TrainJobs(client, namespace, template, properties);
        };
        this.clock = clock;
    }

    @Override
    public synchronized void dispatch(RunBook runs) {
        try {
            Set<Run.Id> there = reconcile(runs);
            for (Run run : runs.waiting(true, properties.most())) {
                if (there.size() >= properties.most()) {
                    return;
                }
                if (there.add(run.id())) {
                    create(run, runs);
                }
            }
        } catch (KubernetesClientException away) {
            log.warn("Jobs wait, Kubernetes does not do as it is asked: {}", away.getMessage());
        }
    }

    /** @return the runs that have a workload from now on */
    private Set<Run.Id> reconcile(RunBook runs) {
        List<Workload> jobs = workloads.list();
        Map<Run.Id, RunBook.Phase> phases = runs.phases(
                jobs.stream().flatMap(job -> RunTemplate.run(job).stream()).collect(Collectors.toSet()));
        said.keySet().retainAll(jobs.stream().map(Workload::name).collect(Collectors.toSet()));
        Set<Run.Id> there = new HashSet<>();
        for (Workload job : jobs) {
            Optional<Run.Id> run = RunTemplate.run(job);
            if (run.isEmpty()) {
                workloads.delete(job.name());
            } else if (staysAfter(job, run.get(), phases.getOrDefault(run.get(), RunBook.Phase.GONE), runs)) {
                there.add(run.get());
            }
        }
        return there;
    }

    private boolean staysAfter(Workload job, Run.Id run, RunBook.Phase phase, RunBook runs) {
        if (job.leaving()) {
            return true;
        }
        Optional<Workload.Condition> end = PodNews.end(job);
        if (end.isPresent()) {
            finish(job, end.get(), run, phase, runs);
            return false;
        }
        return switch (phase) {
            case GONE -> {
                runs.log(
                        run,
                        List.of("Kubernetes: the " + workloads.kind() + " " + job.name()
                                + " is deleted, nobody waits for it any more"));
                workloads.delete(job.name());
                yield false;
            }
            case ENDED -> true;
            case RUNNING, WAITING -> watch(job, run, runs);
        };
    }

    /** What is to be kept is written before the Job is deleted; a service that is killed in between writes it twice. */
    private void finish(Workload job, Workload.Condition end, Run.Id run, RunBook.Phase phase, RunBook runs) {
        List<Pod> pods = pods(job);
        switch (phase) {
            case WAITING, RUNNING -> {
                runs.log(run, remains(job, pods));
                runs.ended(run, PodNews.reason(end, pods));
            }
            case ENDED, GONE -> runs.log(run, warnings(job, pods));
        }
        workloads.delete(job.name());
    }

    private boolean watch(Workload job, Run.Id run, RunBook runs) {
        List<Pod> pods = pods(job);
        Optional<PodNews.Stuck> stuck = PodNews.stuck(pods)
                .filter(found -> found.since().plus(properties.startWithin()).isBefore(clock.instant()));
        if (stuck.isPresent()) {
            runs.log(run, remains(job, pods));
            runs.ended(run, "its worker could not be started: " + stuck.get().why());
            workloads.delete(job.name());
            return false;
        }
        PodNews.waitsFor(job, pods)
                .filter(news -> !news.equals(said.put(job.name(), news)))
                .ifPresent(news -> runs.log(run, List.of("Kubernetes: " + news)));
        return true;
    }

    private void create(Run run, RunBook runs) {
        String name = run.id().worker();
        try {
            workloads.create(run);
            runs.log(run.id(), List.of("Kubernetes: the " + workloads.kind() + " " + name + " is made"));
        } catch (KubernetesClientException refused) {
            if (refused.getCode() == HttpURLConnection.HTTP_CONFLICT) {
                log.debug("The {} {} is there already", workloads.kind(), name);
            } else if (isRefusal(refused)) {
                runs.ended(run.id(), "Kubernetes refuses its " + workloads.kind() + ": " + refused.getMessage());
            } else {
                throw refused;
            }
        }
    }

    /** The Job itself is wrong, by the server's word; to ask again would not help. Rights and quotas may come. */
    private static boolean isRefusal(KubernetesClientException failure) {
        return failure.getCode() == HttpURLConnection.HTTP_BAD_REQUEST || failure.getCode() == 422;
    }

    /** What a worker that can not tell any more leaves behind. */
    private List<String> remains(Workload job, List<Pod> pods) {
        List<String> lines = new ArrayList<>(warnings(job, pods));
        pods.forEach(pod -> lines.addAll(tail(pod)));
        return lines;
    }

    /** Asked for once: of a node that is gone there is none, and all other runs would wait for the client to give up. */
    private List<String> tail(Pod pod) {
        String name = pod.getMetadata().getName();
        try {
            String found = client.adapt(NamespacedKubernetesClient.class)
                    .withRequestConfig(ONCE)
                    .call(once -> once.pods()
                            .inNamespace(namespace)
                            .withName(name)
                            .inContainer(workloads.container())
                            .tailingLines(TAIL)
                            .getLog());
            return found == null
                    ? List.of()
                    : found.lines().map(line -> name + ": " + line).toList();
        } catch (KubernetesClientException none) {
            return List.of(name + " has no log: " + none.getMessage());
        }
    }

    /** Asked for as a whole and picked here: not every server picks events by what they are about. */
    private List<String> warnings(Workload job, List<Pod> pods) {
        Set<String> about =
                pods.stream().map(pod -> pod.getMetadata().getName()).collect(Collectors.toSet());
        about.add(job.name());
        return client.v1().events().inNamespace(namespace).list().getItems().stream()
                .filter(event -> "Warning".equals(event.getType())
                        && about.contains(event.getInvolvedObject().getName()))
                .map(KubernetesDispatcher::line)
                .toList();
    }

    private static String line(Event event) {
        return "Kubernetes: " + event.getInvolvedObject().getName() + " "
                + PodNews.sentence(event.getReason(), event.getMessage());
    }

    private List<Pod> pods(Workload job) {
        return client.pods()
                .inNamespace(namespace)
                .withLabel(workloads.podLabel(), job.name())
                .list()
                .getItems();
    }

    @Override
    public void close() {
        client.close();
    }
}
