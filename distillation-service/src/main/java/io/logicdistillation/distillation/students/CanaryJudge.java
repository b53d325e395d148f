package io.logicdistillation.distillation.students;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.springframework.stereotype.Component;

/**
 * What a canary's figures say against it. A rate is worse where even the lower end of the difference's interval is more than the
 * terms allow, which chance alone does once in two thousand looks.
 *
 * <p>Whoever looks again and again finds a difference sooner or later where there is none. So there is another look only when
 * half as many decisions again have come, which makes about twenty of them in a million decisions.
 */
@Component
class CanaryJudge {
    private static final double GROWTH = 1.5;

    private final GateProperties properties;

    CanaryJudge(GateProperties properties) {
        this.properties = properties;
    }

    /**
     * How much there was when it was last looked at; of the student that had less.
     *
     * @param corrections as feedback may come long after the decisions
     */
    record Looks(long decisions, long corrections) {
        static final Looks NONE = new Looks(0, 0);
    }

    /** @param against what is worse, in words; empty if nothing is */
    record Judged(Looks looks, List<String> against) {
        Judged {
            against = List.copyOf(against);
        }
    }

    Judged judge(CanaryTerms terms, Looks before, CanaryFigures figures) {
        List<String> against = new ArrayList<>();
        CanaryFigures.Arm canary = figures.canary();
        CanaryFigures.Arm serving = figures.serving();
        long decisions = Math.min(canary.decisions(), serving.decisions());
        boolean lookAtDecisions = isDue(decisions, terms.minDecisions(), before.decisions());
        if (lookAtDecisions) {
            compare(
                    "errors",
                    new Share(canary.errors(), canary.decisions()),
                    new Share(serving.errors(), serving.decisions()),
                    terms.maxErrorIncrease(),
                    against);
            compare(
                    "escalations",
                    new Share(canary.escalations(), canary.decisions()),
                    new Share(serving.escalations(), serving.decisions()),
                    terms.maxEscalationIncrease(),
                    against);
        }
        long corrections = Math.min(canary.corrected(), serving.corrected());
        boolean lookAtCorrections = isDue(corrections, Math.max(1, properties.leastRows()), before.corrections());
        if (lookAtCorrections) {
            compare(
                    "disagreement",
                    new Share(canary.disagreeing(), canary.corrected()),
                    new Share(serving.disagreeing(), serving.corrected()),
                    terms.maxDisagreementIncrease(),
                    against);
        }
        return new Judged(
                new Looks(
                        lookAtDecisions ? decisions : before.decisions(),
                        lookAtCorrections ? corrections : before.corrections()),
                against);
    }

    private static boolean isDue(long rows, long least, long before) {
        return rows >= least && rows >= before * GROWTH;
    }

    private static void compare(String what, Share canary, Share serving, double allowed, List<String> against) {
        Proportions.Interval found = Proportions.difference(canary.interval(), serving.interval());
        if (found.low() > allowed) {
            against.add(String.format(
                    Locale.ROOT,
                    "%s: %.4f of %d, the serving student has %.4f of %d; the difference is %.4f [%.4f, %.4f], %.4f is allowed",
                    what,
                    canary.share(),
                    canary.rows,
                    serving.share(),
                    serving.rows,
                    found.middle(),
                    found.low(),
                    found.high(),
                    allowed));
        }
    }

    /** @param rows more than none */
    private record Share(long part, long rows) {
        double share() {
            return (double) part / rows;
        }

        Proportions.Interval interval() {
            return Proportions.share(share(), rows, Proportions.NORMAL_999);
        }
    }
}
