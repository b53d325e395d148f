package io.logicdistillation.contracts;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An immutable list of functions together with the task definition they were published for: everything that a decision needs
 * to be made, and made again.
 *
 * @param snapshot {@code sha256:} of the task definition and the functions' versions
 * @param number counts the task's snapshots from 1
 * @param active whether decisions that name no snapshot use this one
 * @param bans in force now; only where the active snapshot is asked for, since they are no part of a snapshot
 * @param signature of the service that published it; absent where the service has no key
 */
public record Snapshot(
        String snapshot,
        String task,
        int number,
        boolean active,
        Instant publishedAt,
        TaskDefinition definition,
        List<PublishedFunction> functions,
        @Nullable Bans bans,
        @Nullable SnapshotSignature signature) {
    public Snapshot {
        functions = List.copyOf(functions);
    }

    public Snapshot(
            String snapshot,
            String task,
            int number,
            boolean active,
            Instant publishedAt,
            TaskDefinition definition,
            List<PublishedFunction> functions) {
        this(snapshot, task, number, active, publishedAt, definition, functions, null, null);
    }

    /** The same with these functions instead. */
    public Snapshot with(List<PublishedFunction> others) {
        return new Snapshot(snapshot, task, number, active, publishedAt, definition, others, bans, signature);
    }
}
