package io.logicdistillation.distillation.dispatch;

import io.fabric8.kubernetes.api.model.ContainerStateTerminated;
import io.fabric8.kubernetes.api.model.ContainerStateWaiting;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodCondition;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What workloads and their pods say of themselves, in a sentence that a person can use. */
final class PodNews {
    /** Reasons for which a container is not made and will hardly be. */
    private static final Set<String> STUCK = Set.of(
            "ErrImagePull",
            "ImagePullBackOff",
            "InvalidImageName",
            "ErrImageNeverPull",
            "CreateContainerConfigError",
            "CreateContainerError",
            "RunContainerError");

    private static final Set<String> LAST = Set.of("Complete", "Failed");

    private PodNews() {}

    /** How it ended; nothing while it has not. */
    static Optional<Workload.Condition> end(Workload workload) {
        return workload.conditions().stream()
                .filter(condition -> LAST.contains(condition.type()) && condition.holds())
                .findFirst();
    }

    /** Why a worker ended that did not say it itself. */
    static String reason(Workload.Condition end, List<Pod> pods) {
        String ours = pods.stream()
                .flatMap(PodNews::ends)
                .distinct()
                .reduce((one, other) -> one + "; " + other)
                .orElse("");
        String theirs = "Complete".equals(end.type())
                ? "its worker ended and said nothing"
                : sentence(end.reason(), end.message());
        return ours.isEmpty() ? theirs : ours + "; " + theirs;
    }

    /** What holds it up, while something does. */
    static Optional<String> waitsFor(Workload workload, List<Pod> pods) {
        return Stream.concat(
                        workload.conditions().stream()
                                .filter(condition -> condition.type().equals("Suspended") && condition.holds())
                                .map(condition -> "waits in the queue"),
                        pods.stream().flatMap(pod -> Stream.concat(unscheduled(pod), unmade(pod))))
                .findFirst();
    }

    /** Since when a container can not be made, and why; nothing if all can. */
    static Optional<Stuck> stuck(List<Pod> pods) {
        return pods.stream()
                .flatMap(pod -> waiting(pod)
                        .filter(state -> STUCK.contains(state.getReason()))
                        .map(state -> new Stuck(
                                Instant.parse(pod.getMetadata().getCreationTimestamp()),
                                sentence(state.getReason(), state.getMessage()))))
                .findFirst();
    }

    record Stuck(Instant since, String why) {}

    static String sentence(@Nullable String reason, @Nullable String message) {
        String said = Stream.of(reason, message)
                .filter(part -> part != null && !part.isBlank())
                .reduce((one, other) -> one + ": " + other)
                .orElse("no reason given");
        return said.length() <= 500 ? said : said.substring(0, 500);
    }

    private static Stream<String> ends(Pod pod) {
        Stream<String> evicted = Stream.ofNullable(pod.getStatus())
                .filter(status -> status.getReason() != null)
                .map(status -> sentence(status.getReason(), status.getMessage()));
        Stream<String> disrupted = podConditions(pod)
                .filter(condition ->
                        condition.getType().equals("DisruptionTarget") && "True".equals(condition.getStatus()))
                .map(condition -> sentence(condition.getReason(), condition.getMessage()));
        return Stream.of(evicted, disrupted, statuses(pod).flatMap(PodNews::exit))
                .flatMap(each -> each);
    }

    private static Stream<String> exit(ContainerStatus status) {
        ContainerStateTerminated terminated =
                status.getState() == null ? null : status.getState().getTerminated();
        if (terminated == null || Objects.equals(terminated.getExitCode(), 0)) {
            return Stream.empty();
        }
        String reason = terminated.getReason() == null ? "" : " (" + terminated.getReason() + ")";
        return Stream.of("its worker ended with exit code " + terminated.getExitCode() + reason);
    }

    private static Stream<String> unscheduled(Pod pod) {
        return podConditions(pod)
                .filter(condition ->
                        condition.getType().equals("PodScheduled") && "False".equals(condition.getStatus()))
                .map(condition -> sentence(condition.getReason(), condition.getMessage()));
    }

    private static Stream<String> unmade(Pod pod) {
        return waiting(pod)
                .filter(state -> STUCK.contains(state.getReason()))
                .map(state -> sentence(state.getReason(), state.getMessage()));
    }

    private static Stream<ContainerStateWaiting> waiting(Pod pod) {
        return statuses(pod)
                .filter(status -> status.getState() != null)
                .flatMap(status -> Stream.ofNullable(status.getState().getWaiting()));
    }

    private static Stream<ContainerStatus> statuses(Pod pod) {
        return Stream.ofNullable(pod.getStatus()).flatMap(status -> status.getContainerStatuses().stream());
    }

    private static Stream<PodCondition> podConditions(Pod pod) {
        return Stream.ofNullable(pod.getStatus()).flatMap(status -> status.getConditions().stream());
    }
}
