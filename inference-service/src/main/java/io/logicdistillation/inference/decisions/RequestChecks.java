package io.logicdistillation.inference.decisions;

import io.logicdistillation.contracts.DecisionRequest;
import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.contracts.ProblemType;
import io.logicdistillation.inference.functionbase.PreparedSnapshot;
import io.logicdistillation.inference.schemas.JsonSchema;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** What a request must satisfy before anything is decided. */
final class RequestChecks {
    private RequestChecks() {}

    /** @throws PlatformException that names the failing place */
    static void check(DecisionRequest request, PreparedSnapshot snapshot) {
        checkEpisode(request);
        checkState(request, snapshot);
        request.choices().forEach((stage, function) -> {
            snapshot.function(snapshot.task().stage(stage).name(), function);
            if (snapshot.bans().forbid(function)) {
                throw new PlatformException(
                        ProblemType.NO_CANDIDATE,
                        "Function '" + function + "' is banned",
                        Map.of("stage", stage, "function", function));
            }
        });
    }

    private static void checkState(DecisionRequest request, PreparedSnapshot snapshot) {
        List<JsonSchema.Violation> violations = snapshot.stateSchema().check(request.state());
        if (!violations.isEmpty()) {
            JsonSchema.Violation first = violations.getFirst();
            throw new PlatformException(
                    ProblemType.INVALID_STATE,
                    "The state does not match the task's schema at '" + first.pointer() + "': " + first.message(),
                    Map.of("pointer", first.pointer(), "errors", violations));
        }
    }

    private static void checkEpisode(DecisionRequest request) {
        String episode = request.episode();
        if (episode == null) {
            return;
        }
        try {
            if (episode.length() == 36) {
                var unused = UUID.fromString(episode);
                return;
            }
        } catch (IllegalArgumentException none) {
            // falls through to the refusal below, as any other text does
        }
        throw new PlatformException(
                ProblemType.INVALID_REQUEST, "episode must be a UUID", Map.of("pointer", "/episode"));
    }
}
