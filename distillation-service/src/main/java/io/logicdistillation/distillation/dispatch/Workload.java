package io.logicdistillation.distillation.dispatch;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What runs a run on Kubernetes, and what it says of itself, whichever kind of object it is.
 *
 * @param leaving whether it is being deleted
 */
record Workload(String name, Map<String, String> labels, boolean leaving, List<Condition> conditions) {
    /** In the words of its controller. */
    record Condition(
            String type,
            String status,
            @Nullable String reason,
            @Nullable String message) {
        boolean holds() {
            return "True".equals(status);
        }
    }

    static Workload of(Job job) {
        return of(
                job,
                Stream.ofNullable(job.getStatus())
                        .flatMap(status -> status.getConditions().stream())
                        .map(each ->
                                new Condition(each.getType(), each.getStatus(), each.getReason(), each.getMessage())));
    }

    /** Of a kind that follows the conventions for conditions. */
    static Workload of(GenericKubernetesResource resource) {
        Object found = resource.get("status", "conditions");
        return of(
                resource,
                (found instanceof List<?> list ? list : List.of())
                        .stream()
                                .filter(Map.class::isInstance)
                                .map(Map.class::cast)
                                .map(Workload::condition));
    }

    private static Condition condition(Map<?, ?> members) {
        return new Condition(
                Objects.toString(members.get("type"), ""),
                Objects.toString(members.get("status"), ""),
                text(members.get("reason")),
                text(members.get("message")));
    }

    private static @Nullable String text(@Nullable Object value) {
        return value == null ? null : value.toString();
    }

    private static Workload of(HasMetadata object, Stream<Condition> conditions) {
        return new Workload(
                object.getMetadata().getName(),
                Optional.ofNullable(object.getMetadata().getLabels()).orElse(Map.of()),
                object.getMetadata().getDeletionTimestamp() != null,
                conditions.toList());
    }
}
