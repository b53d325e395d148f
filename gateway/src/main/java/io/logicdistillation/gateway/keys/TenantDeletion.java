package io.logicdistillation.gateway.keys;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What becomes of all data of a tenant, and the proof of it.
 *
 * @param problem what holds it up; it goes on by itself
 * @param services each with what it had, what was deleted, and what was there at the end
 */
record TenantDeletion(
        String id,
        String tenant,
        String state,
        Instant requestedAt,
        String requestedBy,
        @Nullable String reason,
        @Nullable String problem,
        @Nullable Instant finishedAt,
        List<Part> services) {
    static final String RUNNING = "running";
    static final String COMPLETED = "completed";

    /** @param rows by table, of every table that can have any of a tenant @param files outside of the database */
    record Holding(Map<String, Long> rows, long files) {
        static Holding nothing() {
            return new Holding(Map.of(), 0);
        }

        Holding plus(Map<String, Long> more, long moreFiles) {
            Map<String, Long> sum = new TreeMap<>(rows);
            more.forEach((table, count) -> sum.merge(table, count, Long::sum));
            return new Holding(sum, files + moreFiles);
        }

        boolean holdsNothing() {
            return files == 0 && rows.values().stream().allMatch(count -> count == 0);
        }

        long total() {
            return rows.values().stream().mapToLong(Long::longValue).sum();
        }
    }

    /** @param after null until the end */
    record Part(
            String service,
            Holding before,
            Holding deleted,
            @Nullable Holding after) {}
}
