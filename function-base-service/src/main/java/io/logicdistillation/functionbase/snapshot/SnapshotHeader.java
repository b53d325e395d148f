package io.logicdistillation.functionbase.snapshot;

import io.logicdistillation.contracts.SnapshotSignature;
import io.logicdistillation.contracts.TaskDefinition;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The first line of a snapshot that is written line by line; each further line is one of its functions.
 *
 * @param number, active, publishedAt say how things stood where it was given out, and mean nothing elsewhere
 * @param functions how many lines follow
 */
public record SnapshotHeader(
        @Nullable String snapshot,
        @Nullable String task,
        @Nullable Integer number,
        @Nullable Boolean active,
        @Nullable Instant publishedAt,
        @Nullable Integer functions,
        @Nullable TaskDefinition definition,
        @Nullable SnapshotSignature signature) {
    /** The media type of a snapshot that is written line by line. */
    public static final String NDJSON = "application/x-ndjson";
}
