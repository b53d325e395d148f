package io.logicdistillation.inference.decisions;

import io.logicdistillation.contracts.DecisionRequest;
import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.contracts.ProblemType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Many states of one task; what {@link DecisionRequest} has beside the state holds for all of them.
 *
 * @param states 1 to 1,000
 */
record BatchRequest(
        @Nullable List<@Nullable Map<String, Object>> states,
        @Nullable String episode,
        @Nullable String snapshot,
        @Nullable String student,
        @Nullable Map<String, String> choices) {
    private static final int MOST = 1_000;

    BatchRequest {
        if (states == null || states.isEmpty() || states.size() > MOST) {
            throw new PlatformException(
                    ProblemType.INVALID_REQUEST, "states must hold 1 to 1,000 states", Map.of("pointer", "/states"));
        }
        int missing = states.indexOf(null);
        if (missing >= 0) {
            throw new PlatformException(
                    ProblemType.INVALID_REQUEST, "A state is missing", Map.of("pointer", "/states/" + missing));
        }
    }

    /** One request per state, all of them on one snapshot. */
    List<DecisionRequest> requests(String onSnapshot) {
        List<DecisionRequest> requests = new ArrayList<>();
        if (states != null) {
            for (Map<String, Object> state : states) {
                if (state != null) {
                    requests.add(new DecisionRequest(state, episode, onSnapshot, student, choices));
                }
            }
        }
        return requests;
    }
}
