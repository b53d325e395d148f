package io.logicdistillation.functionbase.emergency;

import io.logicdistillation.contracts.FunctionDefinition;
import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.contracts.ProblemType;
import io.logicdistillation.functionbase.json.CanonicalJson;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A situation that no function is for, and the function that answers it, unless an L-LLM is to write that.
 *
 * @param situation in words, for whoever reads the record
 * @param stage the function's, when given; that it is written for, where the L-LLM writes it
 * @param examples states of the situation; the function must apply to each and give an output
 * @param function that answers; it is pinned whatever it says itself; when absent the L-LLM writes it
 * @param language that the L-LLM writes in; JavaScript when absent
 * @param applies source of a function {@code applies(state, earlier)} in the function's language; when absent the function's own source
 *     is asked where it defines one, else the function is taken to be for every state
 * @param expiresAt when it is taken out again; never when absent
 * @param preview how much a preview looks at
 */
record EmergencyRequest(
        @Nullable String situation,
        @Nullable String stage,
        @Nullable List<Example> examples,
        @Nullable FunctionDefinition function,
        @Nullable String applies,
        @Nullable Instant expiresAt,
        @Nullable Scope preview,
        @Nullable String language) {
    private static final int LONGEST_SITUATION = 4_000;
    private static final int MOST_EXAMPLES = 100;

    EmergencyRequest {
        if (situation == null || situation.isBlank() || situation.length() > LONGEST_SITUATION) {
            throw invalid("situation must be a text of 1 to " + LONGEST_SITUATION + " characters");
        }
        if (applies != null && (applies.isBlank() || applies.length() > FunctionDefinition.LONGEST_SOURCE)) {
            throw invalid("applies must be 1 to " + FunctionDefinition.LONGEST_SOURCE + " characters of source");
        }
        if (function == null && applies != null) {
            throw invalid("applies goes with a function; the L-LLM writes its own condition");
        }
        if (function != null && language != null) {
            throw invalid("language goes without a function, for the L-LLM that writes it");
        }
        examples = examples == null ? List.of() : List.copyOf(examples);
        if (examples.size() > MOST_EXAMPLES) {
            throw invalid("examples must hold at most " + MOST_EXAMPLES + " states");
        }
        CanonicalJson.of(List.of(situation, applies == null ? "" : applies, examples));
    }

    /** @param earlier outputs of the stages before the function's */
    record Example(
            @Nullable Map<String, Object> state, @Nullable Map<String, Object> earlier) {
        Map<String, Object> given() {
            if (state == null) {
                throw invalid("examples.state is missing");
            }
            return state;
        }

        Map<String, Object> before() {
            return earlier == null ? Map.of() : earlier;
        }
    }

    /**
     * @param decisions how many of the last logged decisions
     * @param generated how many states made from the task's schema
     * @param seed of the generated states
     */
    record Scope(
            @Nullable Integer decisions,
            @Nullable Integer generated,
            @Nullable Long seed) {
        static final Scope USUAL = new Scope(null, null, null);

        int lastDecisions() {
            return within("preview.decisions", decisions, 100, 200);
        }

        int states() {
            return within("preview.generated", generated, 200, 2_000);
        }

        long from() {
            return seed == null ? 1 : seed;
        }

        private static int within(String what, @Nullable Integer given, int usual, int most) {
            if (given != null && (given < 0 || given > most)) {
                throw invalid(what + " must lie between 0 and " + most);
            }
            return given == null ? usual : given;
        }
    }

    /** Whether the L-LLM has to write the function first. */
    boolean asksForFunction() {
        return function == null;
    }

    /** The same emergency, with the function that was written for it. */
    EmergencyRequest answeredBy(FunctionDefinition written) {
        return new EmergencyRequest(situation, stage, examples, written, null, expiresAt, preview, null);
    }

    List<Example> shown() {
        return examples == null ? List.of() : examples;
    }

    /** The function as it is published: pinned. There has to be one, see {@link #asksForFunction}. */
    FunctionDefinition pinned() {
        FunctionDefinition given = function;
        if (given == null) {
            throw new IllegalStateException("The function has not been written yet");
        }
        if (stage != null && !stage.equals(given.stage())) {
            throw invalid("stage must be the function's, '" + given.stage() + "'");
        }
        return new FunctionDefinition(
                given.name(),
                given.stage(),
                given.handle(),
                given.manual(),
                given.language(),
                given.source(),
                given.tests(),
                true);
    }

    /** @throws PlatformException {@link ProblemType#INVALID_REQUEST} for what only parts of the work would look at */
    void requireWellFormed() {
        if (!asksForFunction()) {
            pinned();
        }
        shown().forEach(Example::given);
        scope().lastDecisions();
        scope().states();
    }

    Scope scope() {
        return preview == null ? Scope.USUAL : preview;
    }

    static PlatformException invalid(String detail) {
        return new PlatformException(ProblemType.INVALID_REQUEST, detail);
    }
}
