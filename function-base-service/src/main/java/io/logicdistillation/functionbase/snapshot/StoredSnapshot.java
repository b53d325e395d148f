package io.logicdistillation.functionbase.snapshot;

import io.logicdistillation.contracts.TaskDefinition;
import java.time.Instant;

/** A snapshot without its functions. @param id row @param task row */
public record StoredSnapshot(
        long id, long task, String hash, int number, boolean active, Instant publishedAt, TaskDefinition definition) {}
