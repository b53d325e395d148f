package io.logicdistillation.functionbase.imports;

import com.fasterxml.jackson.annotation.JsonRawValue;
import com.fasterxml.jackson.annotation.JsonValue;
import java.time.Instant;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * How far the import of a snapshot has got.
 *
 * @param id UUIDv7
 * @param snapshot its hash, as it will be named here too
 * @param functions that it holds
 * @param verified that have passed
 * @param known how many of these were not run, because they had passed here before under the same definition
 * @param refused that have not passed; one is enough for the import to fail
 * @param etaSeconds until all are verified, by how long those so far have taken; absent where none was
 * @param errors the first refused functions, a JSON array with the line and the report of each
 * @param cause why it failed: a stable word
 */
public record Import(
        String id,
        String task,
        String snapshot,
        State state,
        int functions,
        int verified,
        int known,
        int refused,
        @Nullable Long etaSeconds,
        @JsonRawValue @Nullable String errors,
        @Nullable String cause,
        @Nullable String message,
        Instant createdAt,
        String createdBy,
        @Nullable Instant finishedAt) {
    /** Where an import stands. */
    public enum State {
        /** Its lines still come in. */
        UPLOADING,
        /** All lines are there and are what the hash names. */
        UPLOADED,
        VERIFYING,
        /** Everything has passed, and is being stored in one transaction. */
        PUBLISHING,
        COMPLETED,
        FAILED,
        CANCELLED;

        /** As it is stored and written on the wire. */
        @JsonValue
        String stored() {
            return name().toLowerCase(Locale.ROOT);
        }

        static State of(String stored) {
            return valueOf(stored.toUpperCase(Locale.ROOT));
        }

        boolean isFinal() {
            return switch (this) {
                case UPLOADING, UPLOADED, VERIFYING, PUBLISHING -> false;
                case COMPLETED, FAILED, CANCELLED -> true;
            };
        }
    }
}
