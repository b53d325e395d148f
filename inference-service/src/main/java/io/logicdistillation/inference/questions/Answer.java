package io.logicdistillation.inference.questions;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the student says to a question; probabilities in the order of the question's options. */
sealed interface Answer {
    /** @param yes its probability */
    record YesNo(double yes) implements Answer {}

    /**
     * @param chosen index of the most probable option
     * @param none the probability that no option fits, before the others were scaled to one; null where "none" is an option
     */
    record Choice(
            int chosen,
            double confidence,
            List<Double> probabilities,
            @Nullable Double none) implements Answer {
        public Choice {
            probabilities = List.copyOf(probabilities);
        }
    }

    /** @param value the expected level */
    record Score(double value, double confidence, List<Double> probabilities, double none) implements Answer {
        public Score {
            probabilities = List.copyOf(probabilities);
        }
    }
}
