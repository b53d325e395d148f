package io.logicdistillation.distillation.jobs;

import java.util.Locale;
import tools.jackson.databind.EnumNamingStrategies;
import tools.jackson.databind.annotation.EnumNaming;

/** Where a job stands. The last three are final, but for a retry. */
@EnumNaming(EnumNamingStrategies.KebabCaseStrategy.class)
public enum JobState {
    QUEUED,
    RUNNING,
    COMPLETED,
    FAILED,
    CANCELLED;

    /** As it is stored and sent. */
    public String wireName() {
        return name().toLowerCase(Locale.ROOT);
    }

    public static JobState of(String wireName) {
        return valueOf(wireName.toUpperCase(Locale.ROOT));
    }

    boolean isFinal() {
        return this != QUEUED && this != RUNNING;
    }
}
