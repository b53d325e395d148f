package io.logicdistillation.languagemodel;

import org.jspecify.annotations.Nullable;

/**
 * What an L-LLM answered, and what the API counted for it. An answer that is of no use has been paid for all the same.
 *
 * @param text of the answer, or of the refusal; never believed without a check
 * @param usage absent where the API counts nothing
 */
public record Reply(Finish finish, String text, @Nullable Usage usage) {
    /** How the answer ended. */
    public enum Finish {
        /** By itself. */
        COMPLETE,
        /** At the limit of its tokens, so it is cut off somewhere. */
        TRUNCATED,
        /** The model would not answer, or a filter kept the answer back. */
        REFUSED
    }

    /** Tokens read and written. */
    public record Usage(long inputTokens, long outputTokens) {}
}
