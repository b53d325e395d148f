package io.logicdistillation.functionbase.snapshot;

import io.logicdistillation.contracts.TaskDefinition;
import java.time.Instant;

/** A snapshot without its functions. @param id row */
public record StoredSnapshot(
        long id, String hash, int number, boolean active, Instant publishedAt, TaskDefinition definition) {}
