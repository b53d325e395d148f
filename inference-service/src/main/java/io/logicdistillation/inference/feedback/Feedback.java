package io.logicdistillation.inference.feedback;

import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.contracts.ProblemType;
import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What somebody said about a decision.
 *
 * @param id UUIDv7
 * @param author name of the key or service that said it
 */
public record Feedback(String id, String decision, String author, Instant createdAt, Statement statement) {
    /** The author of what an escalation taught. */
    public static final String TEACHER = "teacher";

    /**
     * @param stage absent if the statement is about the decision as a whole
     * @param reward the greater the better; the scale is the client's own
     * @param correction the function that should have been chosen at the stage
     * @param comment for people
     */
    public record Statement(
            @Nullable String stage,
            @Nullable Double reward,
            @Nullable String correction,
            @Nullable String comment) {
        private static final int LONGEST_COMMENT = 1_000;

        public Statement {
            if (reward == null && correction == null) {
                throw invalid("A reward or a correction is needed");
            }
            if (reward != null && !Double.isFinite(reward)) {
                throw invalid("reward must be a finite number");
            }
            if (correction != null && stage == null) {
                throw invalid("A correction needs the stage that it is for");
            }
            if (comment != null && (comment.length() > LONGEST_COMMENT || comment.indexOf('\0') >= 0)) {
                throw invalid("comment must be a text of at most " + LONGEST_COMMENT + " characters without U+0000");
            }
        }

        private static PlatformException invalid(String why) {
            return new PlatformException(ProblemType.INVALID_REQUEST, why);
        }
    }

    /** As it travels: the statement's members stand beside the others. */
    record Wire(
            String id,
            String decision,
            @Nullable String stage,
            @Nullable Double reward,
            @Nullable String correction,
            @Nullable String comment,
            String author,
            Instant createdAt) {}

    boolean says(Statement other) {
        return Objects.equals(statement, other);
    }

    Wire wire() {
        return new Wire(
                id,
                decision,
                statement.stage(),
                statement.reward(),
                statement.correction(),
                statement.comment(),
                author,
                createdAt);
    }
}
