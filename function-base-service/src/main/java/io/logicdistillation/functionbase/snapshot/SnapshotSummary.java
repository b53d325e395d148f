package io.logicdistillation.functionbase.snapshot;

import java.time.Instant;

/**
 * A snapshot as lists show it, without its content.
 *
 * @param functions how many it holds
 */
public record SnapshotSummary(
        String snapshot,
        String task,
        int number,
        boolean active,
        Instant publishedAt,
        String publishedBy,
        int functions) {}
