package io.logicdistillation.distillation.students;

import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.contracts.ProblemType;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a canary gets, and what it must not do.
 *
 * @param percent of the decisions that go to it
 * @param minDecisions of each of the two students before they are compared
 * @param maxErrorIncrease by how much more of its decisions may fail
 * @param maxEscalationIncrease by how much more of its decisions may not stand by themselves
 * @param maxDisagreementIncrease by how much more of its choices may be corrected
 */
record CanaryTerms(
        int percent,
        int minDecisions,
        double maxErrorIncrease,
        double maxEscalationIncrease,
        double maxDisagreementIncrease) {
    private static final int MOST_DECISIONS = 10_000_000;

    CanaryTerms {
        if (percent < 1 || percent > 99) {
            throw invalid("percent must lie between 1 and 99; a promotion without canary is all of it", "percent");
        }
        if (minDecisions < 1 || minDecisions > MOST_DECISIONS) {
            throw invalid("minDecisions must lie between 1 and " + MOST_DECISIONS, "minDecisions");
        }
        checkShare("maxErrorIncrease", maxErrorIncrease);
        checkShare("maxEscalationIncrease", maxEscalationIncrease);
        checkShare("maxDisagreementIncrease", maxDisagreementIncrease);
    }

    /** As a client asks for it; what is absent is as usual. */
    record Asked(
            @Nullable Integer percent,
            @Nullable Integer minDecisions,
            @Nullable Double maxErrorIncrease,
            @Nullable Double maxEscalationIncrease,
            @Nullable Double maxDisagreementIncrease) {
        private static final int USUAL_DECISIONS = 200;
        /** An error more is never welcome; the other two vary with the states, and a point of them is no reason to go back. */
        private static final double USUAL_ERRORS = 0;

        private static final double USUAL_ESCALATIONS = 0.01;
        private static final double USUAL_DISAGREEMENT = 0.02;

        CanaryTerms terms() {
            if (percent == null) {
                throw invalid("percent is missing: how much of the decisions the canary gets, 1 to 99", "percent");
            }
            return new CanaryTerms(
                    percent,
                    minDecisions == null ? USUAL_DECISIONS : minDecisions,
                    maxErrorIncrease == null ? USUAL_ERRORS : maxErrorIncrease,
                    maxEscalationIncrease == null ? USUAL_ESCALATIONS : maxEscalationIncrease,
                    maxDisagreementIncrease == null ? USUAL_DISAGREEMENT : maxDisagreementIncrease);
        }
    }

    private static void checkShare(String name, double share) {
        if (!(share >= 0 && share <= 1)) {
            throw invalid(name + " must lie between 0 and 1", name);
        }
    }

    private static PlatformException invalid(String detail, String member) {
        return new PlatformException(
                ProblemType.INVALID_REQUEST, "canary: " + detail, Map.of("pointer", "/canary/" + member));
    }
}
