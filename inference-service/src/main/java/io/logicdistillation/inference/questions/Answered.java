package io.logicdistillation.inference.questions;

import java.util.List;

/**
 * Answers in the order of the questions.
 *
 * @param model by the name that the client can use again
 * @param student its id
 * @param engine that the scores came from, the last one where there were several
 */
record Answered(String model, String student, String engine, List<Answer> answers, int newTokens, int cachedTokens) {
    Answered {
        answers = List.copyOf(answers);
    }
}
