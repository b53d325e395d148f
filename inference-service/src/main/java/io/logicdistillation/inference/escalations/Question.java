package io.logicdistillation.inference.escalations;

import io.logicdistillation.contracts.PublishedFunction;
import java.util.List;

/**
 * Which function to choose in one stage.
 *
 * @param view the state in words, as the student read it, less what the task's redactions take out
 * @param functions that may be chosen; never empty
 */
public record Question(
        String snapshot,
        String rules,
        String stage,
        String instruction,
        String view,
        List<PublishedFunction> functions) {
    public Question {
        functions = List.copyOf(functions);
    }

    boolean offers(String function) {
        return functions.stream().anyMatch(each -> each.name().equals(function));
    }

    /** A rough count of what asking it takes, on the safe side for English. */
    long tokens() {
        long characters = rules.length() + instruction.length() + view.length() + 600L;
        for (PublishedFunction function : functions) {
            characters += 2L * function.name().length() + function.manual().length() + 8;
        }
        return characters / 3;
    }
}
