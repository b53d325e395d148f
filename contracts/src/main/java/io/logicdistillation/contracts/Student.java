package io.logicdistillation.contracts;

import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A student as the registry knows it.
 *
 * @param id {@code sha256:} of the manifest's bytes
 * @param promoted whether the task's decisions use it when they name none
 * @param manifest lineage, files with their hashes, calibration and metrics
 * @param canary that runs now, on the student that is tried and on the one that serves; absent on all others
 */
public record Student(
        String id,
        String name,
        String task,
        String method,
        boolean promoted,
        Instant createdAt,
        Map<String, Object> manifest,
        @Nullable Canary canary) {
    /**
     * A student that decides a share of its task's decisions, to be compared with the one that serves.
     *
     * @param id of this trial, a UUIDv7; a second trial of the same student has another
     * @param student that is tried
     * @param serving that decides the rest
     * @param percent of the decisions, 1 to 99
     */
    public record Canary(String id, String student, String serving, int percent, Instant startedAt) {}
}
