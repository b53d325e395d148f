package io.logicdistillation.contracts;

import java.time.Instant;
import java.util.List;

/**
 * An immutable list of functions together with the task definition they were published for: everything that a decision needs
 * to be made, and made again.
 *
 * @param snapshot {@code sha256:} of the task definition and the functions' versions
 * @param number counts the task's snapshots from 1
 * @param active whether decisions that name no snapshot use this one
 */
public record Snapshot(
        String snapshot,
        String task,
        int number,
        boolean active,
        Instant publishedAt,
        TaskDefinition definition,
        List<PublishedFunction> functions) {
    public Snapshot {
        functions = List.copyOf(functions);
    }
}
