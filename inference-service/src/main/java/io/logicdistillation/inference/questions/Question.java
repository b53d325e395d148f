package io.logicdistillation.inference.questions;

import java.util.List;

/** A question about a state, in words, whichever API it came by. */
sealed interface Question {
    /** What is asked; may be empty. */
    String instructions();

    /**
     * Is it so?
     *
     * @param statement what a yes says
     */
    record YesNo(String instructions, String statement) implements Question {}

    /** Which one? */
    record Choice(String instructions, List<Option> options) implements Question {
        public Choice {
            options = List.copyOf(options);
        }
    }

    /**
     * How much?
     *
     * @param levels the lowest first
     */
    record Score(String instructions, List<Option> levels) implements Question {
        public Score {
            levels = List.copyOf(levels);
        }
    }

    /**
     * What can be answered.
     *
     * @param key unique in its question; sorts the options, so that the order in which they came can not matter
     * @param name as the student reads it
     * @param description when it applies; empty if there is none
     */
    record Option(String key, String name, String description) {}
}
