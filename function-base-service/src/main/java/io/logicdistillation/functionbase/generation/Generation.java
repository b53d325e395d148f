package io.logicdistillation.functionbase.generation;

import com.fasterxml.jackson.annotation.JsonRawValue;
import com.fasterxml.jackson.annotation.JsonValue;
import java.time.Instant;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * How far an L-LLM has got.
 *
 * @param id UUIDv7
 * @param round the one under way, or the last one
 * @param step the question under way, or the last one
 * @param gaps per stage: of how many states made from the schema no function says that it is for them
 * @param emergency that the function is written for, where it is for one
 * @param result what came of the emergency: pinned, or what that would change
 * @param cause why it failed: a stable word
 */
public record Generation(
        String id,
        String task,
        State state,
        @JsonRawValue String request,
        int round,
        @Nullable String step,
        Functions functions,
        Tokens tokens,
        double cost,
        double reserved,
        @JsonRawValue @Nullable String gaps,
        @JsonRawValue @Nullable String emergency,
        @JsonRawValue @Nullable String result,
        @Nullable String cause,
        @Nullable String message,
        Instant createdAt,
        String createdBy,
        @Nullable Instant finishedAt) {
    /** Where a generation stands. */
    public enum State {
        QUEUED,
        RUNNING,
        SUCCEEDED,
        FAILED,
        CANCELLED;

        /** As it is stored and written on the wire. */
        @JsonValue
        String stored() {
            return name().toLowerCase(Locale.ROOT);
        }

        boolean isFinal() {
            return this != QUEUED && this != RUNNING;
        }
    }

    /**
     * @param written by the L-LLM altogether
     * @param passed verification, and are no duplicates
     * @param admitted to the drafts
     * @param waiting for a person
     * @param rejected by verification or by a person
     * @param duplicates of what was there, in text or in behaviour
     */
    public record Functions(int written, int passed, int admitted, int waiting, int rejected, int duplicates) {}

    /** @param reserved for what is in flight, or was lost on its way and may have been charged */
    public record Tokens(long input, long output, long reserved) {}
}
