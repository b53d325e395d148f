package io.logicdistillation.contracts;

import java.time.Instant;
import java.util.Map;

/**
 * A student as the registry knows it.
 *
 * @param id {@code sha256:} of the manifest's bytes
 * @param promoted whether the task's decisions use it when they name none
 * @param manifest lineage, files with their hashes, calibration and metrics
 */
public record Student(
        String id,
        String name,
        String task,
        String method,
        boolean promoted,
        Instant createdAt,
        Map<String, Object> manifest) {}
