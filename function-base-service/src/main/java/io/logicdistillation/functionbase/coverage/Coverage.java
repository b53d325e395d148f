package io.logicdistillation.functionbase.coverage;

import com.fasterxml.jackson.annotation.JsonValue;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What the functions of a snapshot are good for: in logged decisions, and on states made from the task's schema.
 *
 * @param functions by stage, the least chosen first
 * @param overlaps at most {@link #MOST_SHOWN}
 * @param suggestions which functions the next snapshot could do without; never all of a stage, and never a pinned one
 */
record Coverage(
        String snapshot,
        Use use,
        List<Stage> stages,
        List<Covered> functions,
        List<Overlap> overlaps,
        List<Suggestion> suggestions) {
    static final int MOST_SHOWN = 200;

    /**
     * The decisions that were looked at.
     *
     * @param unavailable why the log could not be read; then nothing is said of how functions were used
     */
    record Use(
            @Nullable Instant from,
            @Nullable Instant to,
            @Nullable String unavailable) {}

    /**
     * @param functions of the snapshot
     * @param compared of them, the least chosen first, by running them
     * @param states made from the schema, on which all compared functions ran in the time allowed
     */
    record Stage(String stage, int functions, int compared, int states) {}

    /**
     * @param applies to how many of the stage's states it is; absent where it was not compared
     * @param candidate in how many decisions it could be chosen
     * @param chosen in how many of them it was
     */
    record Covered(
            String stage,
            String function,
            String version,
            @Nullable Integer applies,
            @Nullable Long candidate,
            @Nullable Long chosen,
            @Nullable Finding finding) {}

    /** What the log says against a function; nothing where its stage was not decided in the time looked at. */
    enum Finding {
        NEVER_RETRIEVED,
        NEVER_CHOSEN,
        /** Never chosen, and that in so many decisions that it is no chance. */
        ALWAYS_LOSING;

        @JsonValue
        String stored() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    /**
     * Two functions of a stage that are for nearly the same states and give nearly always the same output.
     *
     * @param together states that both are for
     * @param apart states that one alone is for
     * @param alike of the former, those with the same output
     */
    record Overlap(String stage, String one, String other, int together, int apart, int alike) {}

    /**
     * @param cause {@code overlapping}, {@code never-retrieved} or {@code always-losing}
     * @param keep the function that does what this one does, where it overlaps
     */
    record Suggestion(
            String stage,
            String function,
            String version,
            String cause,
            @Nullable String keep,
            String reason) {}
}
