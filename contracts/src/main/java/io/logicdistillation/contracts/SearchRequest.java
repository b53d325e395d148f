package io.logicdistillation.contracts;

import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Asks for the functions of a stage that fit a state best (Eq. 2 of the method).
 *
 * @param view the state in words when the caller has rendered it already; else the service renders it
 * @param k how many; the stage's own K when absent
 * @param snapshot the active one when absent
 * @param language that the functions have to be written in; any when absent
 */
public record SearchRequest(
        String stage,
        @Nullable Map<String, Object> state,
        @Nullable Map<String, Object> earlier,
        @Nullable String view,
        @Nullable Integer k,
        @Nullable String snapshot,
        @Nullable String language) {
    private static final Set<String> LANGUAGES = Set.of("javascript", "python");

    public SearchRequest {
        Names.requireName("stage", stage);
        if (state == null && view == null) {
            throw new PlatformException(ProblemType.INVALID_REQUEST, "state is missing");
        }
        if (k != null && (k < 1 || k > 64)) {
            throw new PlatformException(ProblemType.INVALID_REQUEST, "k must lie between 1 and 64");
        }
        if (language != null && !LANGUAGES.contains(language)) {
            throw new PlatformException(ProblemType.INVALID_REQUEST, "language must be javascript or python");
        }
    }
}
