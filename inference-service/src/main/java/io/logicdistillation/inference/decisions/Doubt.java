package io.logicdistillation.inference.decisions;

import io.logicdistillation.contracts.Decision;
import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.contracts.ProblemType;
import io.logicdistillation.contracts.StageDefinition;
import io.logicdistillation.inference.escalations.Verdict;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A doubt that is being dealt with.
 *
 * @param sure probability of the student's first choice
 * @param threshold that it had to reach; absent if there is none
 * @param verdict the teacher's, once it was asked
 */
record Doubt(
        Decision.Cause cause,
        @Nullable Double sure,
        @Nullable Double threshold,
        @Nullable Verdict verdict) {
    Doubt(Decision.Cause cause, @Nullable Double sure, @Nullable Double threshold) {
        this(cause, sure, threshold, null);
    }

    /** Only the teacher can tell whether the search missed the right function, or there is none, or the student saw it. */
    Doubt told(Verdict said, Choice choice) {
        Decision.Cause known = switch (said) {
            case Verdict.Chosen(String function, String reason) ->
                cause == Decision.Cause.RETRIEVER_MISSED && isShown(choice, function)
                        ? Decision.Cause.NONE_FITS
                        : cause;
            case Verdict.NothingFits nothing ->
                cause == Decision.Cause.RETRIEVER_MISSED ? Decision.Cause.NONE_FITS : cause;
            case Verdict.Silent silent -> cause;
        };
        return new Doubt(known, sure, threshold, said);
    }

    private static boolean isShown(Choice choice, String function) {
        return choice.ranked().stream().anyMatch(each -> each.name().equals(function));
    }

    Decision.Doubt handled(Decision.Handled handled) {
        return new Decision.Doubt(cause, sure, threshold, handled, escalation(), wish());
    }

    private @Nullable String escalation() {
        return verdict == null ? null : verdict.outcome().slug();
    }

    private @Nullable String wish() {
        return verdict instanceof Verdict.NothingFits nothing ? nothing.wish() : null;
    }

    PlatformException refusal(StageDefinition stage, Choice choice) {
        Map<String, Object> more = new LinkedHashMap<>();
        more.put("stage", stage.name());
        more.put("cause", slug(cause));
        more.put("candidates", choice.ranked().stream().map(Choice.Ranked::wire).toList());
        put(more, "probability", sure);
        put(more, "threshold", threshold);
        put(more, "none", choice.none());
        put(more, "escalation", escalation());
        put(more, "wish", wish());
        return new PlatformException(
                ProblemType.UNDECIDED, "Stage '" + stage.name() + "' was not decided: " + inWords(), more);
    }

    private String inWords() {
        String why = switch (cause) {
            case NOT_SURE -> "the student is not sure enough";
            case NONE_FITS -> "no function fits";
            case RETRIEVER_MISSED -> "nothing that the search showed fits";
            case FUNCTION_FAILED -> "the chosen function failed";
        };
        return verdict == null ? why : why + "; asking the teacher: " + escalation();
    }

    private static void put(Map<String, Object> members, String name, @Nullable Object value) {
        if (value != null) {
            members.put(name, value);
        }
    }

    static String slug(Decision.Cause cause) {
        return cause.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
