package io.logicdistillation.functionbase.review;

import com.fasterxml.jackson.annotation.JsonValue;
import java.time.Instant;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * One judgement of one version.
 *
 * @param replacedBy the version that an edit made
 */
record Review(
        String id,
        String function,
        String version,
        Verdict verdict,
        String reason,
        @Nullable String replacedBy,
        Instant at,
        String by) {
    /** What a person may say of a version. */
    enum Verdict {
        APPROVE,
        REJECT,
        EDIT;

        /** As it is stored and written on the wire. */
        @JsonValue
        String stored() {
            return name().toLowerCase(Locale.ROOT);
        }

        Proposal.State becomes() {
            return switch (this) {
                case APPROVE -> Proposal.State.APPROVED;
                case REJECT -> Proposal.State.REJECTED;
                case EDIT -> Proposal.State.EDITED;
            };
        }
    }
}
