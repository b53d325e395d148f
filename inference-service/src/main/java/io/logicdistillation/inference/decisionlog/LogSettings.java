package io.logicdistillation.inference.decisionlog;

import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.contracts.ProblemType;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How a task's decisions are logged.
 *
 * @param redactions JSON Pointers (RFC 6901) into a decision; what they name is never written
 * @param keepDays after which a decision is deleted; the service's own limit when absent
 */
record LogSettings(List<String> redactions, @Nullable Integer keepDays) {
    static final LogSettings NONE = new LogSettings(List.of(), null);
    private static final int LONGEST_KEPT = 3_650;

    LogSettings {
        redactions = redactions == null ? List.of() : Redactions.checked(redactions);
        if (keepDays != null && (keepDays < 1 || keepDays > LONGEST_KEPT)) {
            throw new PlatformException(
                    ProblemType.INVALID_REQUEST,
                    "keepDays must lie between 1 and " + LONGEST_KEPT,
                    Map.of("pointer", "/keepDays"));
        }
    }
}
