package io.logicdistillation.inference.questions;

import java.util.List;

/**
 * Answers in the order of the questions.
 *
 * @param model by the name that the client can use again
 * @param student its id
 */
record Answered(String model, String student, List<Answer> answers, int newTokens, int cachedTokens) {
    Answered {
        answers = List.copyOf(answers);
    }
}
