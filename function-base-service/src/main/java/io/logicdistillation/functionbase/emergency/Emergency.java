package io.logicdistillation.functionbase.emergency;

import com.fasterxml.jackson.annotation.JsonValue;
import java.time.Instant;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * An emergency and the function that answers it.
 *
 * @param id UUIDv7
 * @param snapshot that was activated for it
 */
record Emergency(
        String id,
        String task,
        String situation,
        String stage,
        String function,
        String version,
        @Nullable String applies,
        String snapshot,
        Status status,
        @Nullable Instant expiresAt,
        Instant createdAt,
        String createdBy,
        @Nullable Instant endedAt,
        @Nullable String endedBy) {
    /** Whether its function is pinned into the candidates. */
    enum Status {
        ACTIVE,
        REMOVED,
        EXPIRED;

        /** As it is stored and written on the wire. */
        @JsonValue
        String stored() {
            return name().toLowerCase(Locale.ROOT);
        }
    }
}
