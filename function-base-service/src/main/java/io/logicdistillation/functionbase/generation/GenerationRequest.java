package io.logicdistillation.functionbase.generation;

import com.fasterxml.jackson.annotation.JsonValue;
import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.contracts.ProblemType;
import io.logicdistillation.functionbase.json.CanonicalJson;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What an L-LLM is to write.
 *
 * @param model the service's own unless given
 * @param rounds at most, 1 to 10; 3 unless given
 * @param repairs of refused functions in each round at most, 0 to 5; 2 unless given
 * @param functions that one answer may hold at most, 1 to 50; 12 unless given
 * @param stages that functions are for; all unless given
 * @param instructions what the L-LLM should heed besides the rules
 * @param approve whether a person approves what passed, which is so unless given, or it is approved at once
 * @param budget of this generation
 * @param states on which is looked for gaps, 0 to 1,000; 200 unless given
 * @param language that the functions are written in; JavaScript unless given
 */
record GenerationRequest(
        @Nullable String model,
        @Nullable Integer rounds,
        @Nullable Integer repairs,
        @Nullable Integer functions,
        @Nullable List<String> stages,
        @Nullable String instructions,
        @Nullable Approval approve,
        @Nullable Budget budget,
        @Nullable Integer states,
        @Nullable Language language) {
    private static final int LONGEST_INSTRUCTIONS = 4_000;

    GenerationRequest {
        within("rounds", rounds, 1, 10);
        within("repairs", repairs, 0, 5);
        within("functions", functions, 1, 50);
        within("states", states, 0, 1_000);
        if (model != null && (model.isBlank() || model.length() > 200)) {
            throw invalid("model must be a text of 1 to 200 characters");
        }
        if (instructions != null && instructions.length() > LONGEST_INSTRUCTIONS) {
            throw invalid("instructions must have at most " + LONGEST_INSTRUCTIONS + " characters");
        }
        stages = stages == null ? null : List.copyOf(stages);
        if (stages != null && (stages.isEmpty() || Set.copyOf(stages).size() != stages.size())) {
            throw invalid("stages must name at least one stage, and none twice");
        }
        CanonicalJson.of(List.of(model == null ? "" : model, instructions == null ? "" : instructions));
    }

    static final GenerationRequest USUAL =
            new GenerationRequest(null, null, null, null, null, null, null, null, null, null);

    static GenerationRequest ofOneFunction(String stage, @Nullable String language) {
        return new GenerationRequest(null, 1, null, 1, List.of(stage), null, null, null, 0, Language.of(language));
    }

    /** What functions are written in. */
    enum Language {
        JAVASCRIPT,
        PYTHON;

        /** @throws PlatformException {@link ProblemType#INVALID_REQUEST} for one that nothing here runs */
        static @Nullable Language of(@Nullable String stored) {
            if (stored == null) {
                return null;
            }
            return Arrays.stream(values())
                    .filter(language -> language.stored().equals(stored))
                    .findFirst()
                    .orElseThrow(() -> invalid("language must be javascript or python"));
        }

        /** As a function's {@code language} says it. */
        @JsonValue
        String stored() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** Who approves. */
    enum Approval {
        /** A person, one function after the other. */
        REVIEW,
        /** Nobody: what passed verification becomes a draft at once. */
        AUTO;

        @JsonValue
        String stored() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * @param tokens at most
     * @param money at most
     */
    record Budget(@Nullable Long tokens, @Nullable Double money) {
        Budget {
            if ((tokens != null && tokens < 1) || (money != null && !(money >= 0 && money < 1e9))) {
                throw invalid("budget.tokens must be at least 1, budget.money at least 0");
            }
        }
    }

    int mostRounds() {
        return rounds == null ? 3 : rounds;
    }

    int mostRepairs() {
        return repairs == null ? 2 : repairs;
    }

    int mostFunctions() {
        return functions == null ? 12 : functions;
    }

    Language writtenIn() {
        return language == null ? Language.JAVASCRIPT : language;
    }

    int statesForGaps() {
        return states == null ? 200 : states;
    }

    boolean isFor(String stage) {
        return stages == null || stages.contains(stage);
    }

    boolean approvesItself() {
        return approve == Approval.AUTO;
    }

    Amount limit() {
        return budget == null ? Amount.of(null, null) : Amount.of(budget.tokens(), budget.money());
    }

    private static void within(String what, @Nullable Integer given, int least, int most) {
        if (given != null && (given < least || given > most)) {
            throw invalid(what + " must lie between " + least + " and " + most);
        }
    }

    private static PlatformException invalid(String detail) {
        return new PlatformException(ProblemType.INVALID_REQUEST, detail);
    }
}
