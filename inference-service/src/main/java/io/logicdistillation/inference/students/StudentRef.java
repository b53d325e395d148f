package io.logicdistillation.inference.students;

import io.logicdistillation.inference.upstream.TaskKey;
import org.jspecify.annotations.Nullable;

/**
 * Which student a decision wants.
 *
 * @param nameOrId the promoted one when absent
 */
public record StudentRef(TaskKey task, @Nullable String nameOrId) {}
