package io.logicdistillation.contracts;

import java.util.List;

/**
 * What makes one snapshot of a task another, for whoever has the earlier one: little where little changed, however many functions there are.
 *
 * @param since hash of the snapshot that is known
 * @param removed names of its functions that are gone, ascending
 * @param snapshot the other one; its functions are only those that {@code since} lacks or has in another version, by name
 */
public record SnapshotChange(String since, List<String> removed, Snapshot snapshot) {
    public SnapshotChange {
        removed = List.copyOf(removed);
    }
}
