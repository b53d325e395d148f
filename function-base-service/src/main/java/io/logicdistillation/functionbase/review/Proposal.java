package io.logicdistillation.functionbase.review;

import com.fasterxml.jackson.annotation.JsonValue;
import io.logicdistillation.contracts.PublishedFunction;
import java.time.Instant;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A version that a person has to judge, or has judged.
 *
 * @param generation that wrote it; absent for a supplied function
 */
record Proposal(
        PublishedFunction function, State state, @Nullable String generation, Instant proposedAt) {
    /** What became of it. */
    enum State {
        WAITING,
        APPROVED,
        REJECTED,
        /** Another version took its place. */
        EDITED;

        /** As it is stored and written on the wire. */
        @JsonValue
        String stored() {
            return name().toLowerCase(Locale.ROOT);
        }
    }
}
