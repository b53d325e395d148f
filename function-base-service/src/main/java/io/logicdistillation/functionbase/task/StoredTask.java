package io.logicdistillation.functionbase.task;

import io.logicdistillation.contracts.TaskDefinition;
import org.jspecify.annotations.Nullable;

/**
 * @param hash content address of the definition
 * @param activeSnapshot row of the snapshot that decides; absent before the first publication
 */
public record StoredTask(
        long id,
        TaskDefinition definition,
        String hash,
        @Nullable Long activeSnapshot) {}
