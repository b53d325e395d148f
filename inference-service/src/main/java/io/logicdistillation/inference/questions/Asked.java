package io.logicdistillation.inference.questions;

import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * A request of either API.
 *
 * @param model the general student where absent
 * @param state in words
 */
record Asked(@Nullable String model, String state, List<Item> questions) {
    Asked {
        questions = List.copyOf(questions);
    }

    /**
     * A question with what its answer repeats.
     *
     * @param id System One's; empty where the other API has none
     * @param original as it came
     */
    record Item(String id, JsonNode original, Question question) {}
}
