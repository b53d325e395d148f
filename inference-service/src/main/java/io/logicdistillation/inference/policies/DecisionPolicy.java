package io.logicdistillation.inference.policies;

import io.logicdistillation.contracts.Decision;
import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.contracts.ProblemType;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.EnumNamingStrategies;
import tools.jackson.databind.annotation.EnumNaming;

/**
 * What a task asks of its student, and what is done where the student falls short of it.
 *
 * @param errorBudget share of the task's decisions in which the student may decide wrongly, over all stages together
 * @param confidence with which the budget is kept, as far as held-out rows can say; 0.95 when absent
 * @param thresholds stage name to least probability, instead of what the budget gives
 * @param below what happens below a stage's threshold; the runner-up policy when absent
 * @param noneFits what happens where nothing fits; as below the threshold when absent
 * @param functionFailed what happens where the chosen function failed; the runner-up policy when absent
 */
public record DecisionPolicy(
        @Nullable Double errorBudget,
        @Nullable Double confidence,
        @Nullable Map<String, Double> thresholds,
        @Nullable Below below,
        @Nullable Below noneFits,
        @Nullable Below functionFailed,
        @Nullable Escalation escalation) {
    /** Of tasks for which nobody has said anything: what is most probable runs. */
    public static final DecisionPolicy NONE = new DecisionPolicy(null, null, null, null, null, null, null);

    private static final double USUAL_CONFIDENCE = 0.95;

    /** What happens to a doubtful choice. */
    @EnumNaming(EnumNamingStrategies.KebabCaseStrategy.class)
    public enum Below {
        /** The most probable function runs, and the next one where it fails. */
        RUNNER_UP,
        /** The L-LLM is asked. */
        ESCALATE,
        /** The request is refused with the problem {@link ProblemType#UNDECIDED}. */
        REFUSE
    }

    /**
     * @param model the configured one when absent
     * @param tokensPerDay of the task, prompts and answers together; the configured number when absent
     * @param spendPerDay of the task, in the currency of the configured prices; unlimited when absent
     * @param otherwise what happens where the L-LLM gives no choice: runner-up or refuse; the former when absent
     */
    public record Escalation(
            @Nullable String model,
            @Nullable Long tokensPerDay,
            @Nullable Double spendPerDay,
            @Nullable Below otherwise) {
        private static final int LONGEST_MODEL = 200;

        public Escalation {
            if (model != null && (model.isBlank() || model.length() > LONGEST_MODEL)) {
                throw invalid("/escalation/model", "must be a text of 1 to " + LONGEST_MODEL + " characters");
            }
            if (tokensPerDay != null && tokensPerDay < 0) {
                throw invalid("/escalation/tokensPerDay", "must not be negative");
            }
            if (spendPerDay != null && !(spendPerDay >= 0 && spendPerDay <= 1e9)) {
                throw invalid("/escalation/spendPerDay", "must lie between 0 and a billion");
            }
            if (otherwise == Below.ESCALATE) {
                throw invalid("/escalation/otherwise", "must be runner-up or refuse");
            }
        }

        static final Escalation USUAL = new Escalation(null, null, null, null);
    }

    public DecisionPolicy {
        if (errorBudget != null && !(errorBudget > 0 && errorBudget < 1)) {
            throw invalid("/errorBudget", "must lie between 0 and 1");
        }
        if (confidence != null && !(confidence >= 0.5 && confidence < 1)) {
            throw invalid("/confidence", "must lie between 0.5 and 1");
        }
        thresholds = thresholds == null ? Map.of() : Map.copyOf(thresholds);
        thresholds.forEach((stage, threshold) -> {
            if (!(threshold >= 0 && threshold <= 1)) {
                throw invalid("/thresholds/" + stage, "must lie between 0 and 1");
            }
        });
    }

    @Override
    public Map<String, Double> thresholds() {
        return thresholds == null ? Map.of() : thresholds;
    }

    double confidenceOrUsual() {
        return confidence == null ? USUAL_CONFIDENCE : confidence;
    }

    public Escalation escalationOrUsual() {
        return escalation == null ? Escalation.USUAL : escalation;
    }

    /** What happens for this reason. */
    public Below when(Decision.Cause cause) {
        return switch (cause) {
            case NOT_SURE -> orRunnerUp(below);
            case NONE_FITS, RETRIEVER_MISSED -> orRunnerUp(noneFits == null ? below : noneFits);
            case FUNCTION_FAILED -> orRunnerUp(functionFailed);
        };
    }

    private static Below orRunnerUp(@Nullable Below below) {
        return Objects.requireNonNullElse(below, Below.RUNNER_UP);
    }

    private static PlatformException invalid(String pointer, String why) {
        return new PlatformException(
                ProblemType.INVALID_REQUEST, pointer.substring(1) + " " + why, Map.of("pointer", pointer));
    }
}
