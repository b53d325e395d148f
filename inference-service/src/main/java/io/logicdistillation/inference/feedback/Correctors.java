package io.logicdistillation.inference.feedback;

import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.contracts.ProblemType;
import org.jspecify.annotations.Nullable;

/** Whose corrections. */
enum Correctors {
    /** Whoever gave feedback through the API. */
    PEOPLE,
    /** The L-LLM, when a decision was escalated to it. */
    TEACHER;

    /** @throws PlatformException {@link ProblemType#INVALID_REQUEST} */
    static @Nullable Correctors of(@Nullable String wire) {
        return switch (wire) {
            case null -> null;
            case "people" -> PEOPLE;
            case "teacher" -> TEACHER;
            default -> throw new PlatformException(ProblemType.INVALID_REQUEST, "by must be people or teacher");
        };
    }
}
