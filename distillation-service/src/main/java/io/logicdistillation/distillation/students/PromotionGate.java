package io.logicdistillation.distillation.students;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** What speaks against letting a student serve. */
@Component
class PromotionGate {
    private final GateProperties properties;
    private final RewardGate rewardGate;
    private final LatencyGate latencyGate;

    PromotionGate(GateProperties properties) {
        this.properties = properties;
        this.rewardGate = new RewardGate(properties);
        this.latencyGate = new LatencyGate(properties);
    }

    /**
     * @param passed whether nothing speaks against it
     * @param against the student that serves and that it was compared with
     * @param comparisons with that one, stage by stage
     */
    record Verdict(
            boolean passed, List<String> reasons, @Nullable String against, List<Comparison> comparisons) {
        Verdict {
            reasons = List.copyOf(reasons);
            comparisons = List.copyOf(comparisons);
        }
    }

    /**
     * @param difference its agreement less that of the student that serves
     * @param low lower end of the difference's 95% interval
     * @param rows the same ones for both if it is {@code paired}, else those of this student
     */
    record Comparison(String stage, double difference, double low, double high, int rows, boolean paired) {
        static Comparison of(String stage, Proportions.Interval interval, int rows, boolean paired) {
            return new Comparison(
                    stage, rounded(interval.middle()), rounded(interval.low()), rounded(interval.high()), rows, paired);
        }

        private static double rounded(double value) {
            return Math.round(value * 1e4) / 1e4;
        }

        /** Chance does not explain it. */
        boolean isWorse() {
            return high < 0;
        }
    }

    /**
     * @param serving the evaluation of the student that serves the task, if one does and it is another
     * @param rewards of the student, beside those of that one
     * @param timing of the student, beside that one if there is such a one
     */
    Verdict judge(Evaluation evaluation, Optional<Evaluation> serving, List<Reward> rewards, @Nullable Timing timing) {
        List<String> reasons = new ArrayList<>();
        if (evaluation.stages().isEmpty()) {
            reasons.add("its manifest has no figures of its preferred way");
        }
        double leastAgreement = properties.leastAgreement(evaluation.task());
        evaluation.stages().forEach(stage -> absolute(stage, leastAgreement, reasons));
        List<Comparison> comparisons = new ArrayList<>();
        serving.ifPresent(other -> relative(evaluation, other, reasons, comparisons));
        rewardGate.judge(evaluation, rewards, serving.isPresent(), reasons);
        latencyGate.judge(evaluation, timing, serving.map(Evaluation::student), reasons);
        return new Verdict(
                reasons.isEmpty(), reasons, serving.map(Evaluation::student).orElse(null), comparisons);
    }

    private void absolute(Evaluation.Stage stage, double leastAgreement, List<String> reasons) {
        if (stage.rows() < properties.leastRows()) {
            reasons.add(
                    text("%s: judged on %d rows, %d are needed", stage.stage(), stage.rows(), properties.leastRows()));
        }
        if (stage.agreement() < leastAgreement) {
            reasons.add(text("%s: agreement %.3f, %.3f is needed", stage.stage(), stage.agreement(), leastAgreement));
        }
        Double error = stage.calibrationError();
        if (error != null && error > properties.mostCalibrationError()) {
            reasons.add(text(
                    "%s: calibration error %.3f, at most %.3f is allowed",
                    stage.stage(), error, properties.mostCalibrationError()));
        }
    }

    /** Worse than the one that serves only where chance can not explain it: the whole interval of the difference says so. */
    private void relative(
            Evaluation evaluation, Evaluation serving, List<String> reasons, List<Comparison> comparisons) {
        Map<String, Evaluation.Stage> ours =
                evaluation.stages().stream().collect(Collectors.toMap(Evaluation.Stage::stage, Function.identity()));
        for (Evaluation.Stage theirs : serving.stages()) {
            Evaluation.Stage mine = ours.get(theirs.stage());
            if (mine == null) {
                reasons.add(text("%s: has no figures, the serving student has", theirs.stage()));
                continue;
            }
            Comparison found = compared(mine, theirs);
            comparisons.add(found);
            if (found.isWorse()) {
                reasons.add(text(
                        "%s: agreement %.3f, the serving student has %.3f; %s the difference is %.3f [%.3f, %.3f]",
                        mine.stage(),
                        mine.agreement(),
                        theirs.agreement(),
                        found.paired() ? "on the same " + found.rows() + " rows" : "on rows of their own",
                        found.difference(),
                        found.low(),
                        found.high()));
            }
        }
    }

    /** Row by row where both were judged on enough of the same rows, which finds smaller differences; else by their shares. */
    private Comparison compared(Evaluation.Stage mine, Evaluation.Stage theirs) {
        Proportions.Paired paired = paired(mine.judged(), theirs.judged());
        return paired.rows() >= Math.max(1, properties.leastRows())
                ? Comparison.of(mine.stage(), Proportions.difference(paired), paired.rows(), true)
                : Comparison.of(
                        mine.stage(),
                        Proportions.difference(
                                Proportions.share(mine.agreement(), mine.rows()),
                                Proportions.share(theirs.agreement(), theirs.rows())),
                        mine.rows(),
                        false);
    }

    private static Proportions.Paired paired(Map<String, Boolean> mine, Map<String, Boolean> theirs) {
        int[] counts = new int[4];
        mine.forEach((row, agreed) -> {
            Boolean other = theirs.get(row);
            if (other != null) {
                counts[(agreed ? 0 : 2) + (other ? 0 : 1)]++;
            }
        });
        return new Proportions.Paired(counts[0], counts[1], counts[2], counts[3]);
    }

    /** A reason, in the same words wherever the service runs. */
    static String text(String format, @Nullable Object... values) {
        return String.format(Locale.ROOT, format, values);
    }
}
