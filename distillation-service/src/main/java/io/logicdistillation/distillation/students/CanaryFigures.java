package io.logicdistillation.distillation.students;

import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.contracts.ProblemType;
import org.jspecify.annotations.Nullable;

/** What was counted since a canary began. @param serving of the decisions that the canary could have had as well */
record CanaryFigures(Arm canary, Arm serving) {
    CanaryFigures {
        if (canary == null || serving == null) {
            throw invalid("canary and serving are needed");
        }
    }

    /**
     * One student's part.
     *
     * @param decisions that were its turn, with those that failed
     * @param errors of these, that came to nothing or that the other student had to make
     * @param escalations of these, in which its choice did not stand by itself
     * @param corrected stages of them that somebody named a function for
     * @param disagreeing of these, where another one had been chosen
     */
    record Arm(long decisions, long errors, long escalations, long corrected, long disagreeing) {
        Arm {
            if (errors < 0 || escalations < 0 || decisions < errors + escalations) {
                throw invalid("errors and escalations are parts of decisions");
            }
            if (disagreeing < 0 || corrected < disagreeing) {
                throw invalid("disagreeing is a part of corrected");
            }
        }
    }

    private long decisions() {
        return canary.decisions + serving.decisions;
    }

    /** Whether this was counted before the other: decisions only grow, and several replicas report them. */
    boolean isOlderThan(@Nullable CanaryFigures other) {
        return other != null && decisions() < other.decisions();
    }

    private static PlatformException invalid(String detail) {
        return new PlatformException(ProblemType.INVALID_REQUEST, detail);
    }
}
