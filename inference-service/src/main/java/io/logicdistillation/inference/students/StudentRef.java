package io.logicdistillation.inference.students;

import io.logicdistillation.inference.upstream.TaskKey;
import org.jspecify.annotations.Nullable;

/**
 * Which student a decision wants.
 *
 * @param nameOrId the promoted one when absent
 */
public record StudentRef(TaskKey task, @Nullable String nameOrId) {
    /** No task has this name. */
    private static final String ANY = "*";

    /**
     * A student of the tenant, whatever its task.
     *
     * @param nameOrId may also be the name of a base model
     */
    public static StudentRef ofAnyTask(String tenant, String nameOrId) {
        return new StudentRef(new TaskKey(tenant, ANY), nameOrId);
    }

    boolean anyTask() {
        return task.task().equals(ANY);
    }
}
