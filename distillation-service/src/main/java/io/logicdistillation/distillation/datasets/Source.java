package io.logicdistillation.distillation.datasets;

import tools.jackson.databind.EnumNamingStrategies;
import tools.jackson.databind.annotation.EnumNaming;

/** What of the decision log rows are made of. */
@EnumNaming(EnumNamingStrategies.KebabCaseStrategy.class)
enum Source {
    /** What people said should have been chosen. */
    FEEDBACK("people"),
    /** What the L-LLM chose where a decision was handed to it. */
    ESCALATIONS("teacher");

    private final String by;

    Source(String by) {
        this.by = by;
    }

    /** As the inference-service calls those whose corrections these are. */
    String by() {
        return by;
    }
}
