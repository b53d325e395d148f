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

    PromotionGate(GateProperties properties) {
        this.properties = properties;
    }

    /**
     * @param passed whether nothing speaks against it
     * @param against the student that serves and that it was compared with
     */
    record Verdict(
            boolean passed, List<String> reasons, @Nullable String against) {
        Verdict {
            reasons = List.copyOf(reasons);
        }
    }

    /** @param serving the evaluation of the student that serves the task, if one does and it is another */
    Verdict judge(Evaluation evaluation, Optional<Evaluation> serving) {
        List<String> reasons = new ArrayList<>();
        if (evaluation.stages().isEmpty()) {
            reasons.add("its manifest has no figures of its preferred way");
        }
        evaluation.stages().forEach(stage -> absolute(stage, reasons));
        serving.ifPresent(other -> relative(evaluation, other, reasons));
        return new Verdict(
                reasons.isEmpty(), reasons, serving.map(Evaluation::student).orElse(null));
    }

    private void absolute(Evaluation.Stage stage, List<String> reasons) {
        if (stage.rows() < properties.leastRows()) {
            reasons.add(
                    text("%s: judged on %d rows, %d are needed", stage.stage(), stage.rows(), properties.leastRows()));
        }
        if (stage.agreement() < properties.leastAgreement()) {
            reasons.add(text(
                    "%s: agreement %.3f, %.3f is needed",
                    stage.stage(), stage.agreement(), properties.leastAgreement()));
        }
        Double error = stage.calibrationError();
        if (error != null && error > properties.mostCalibrationError()) {
            reasons.add(text(
                    "%s: calibration error %.3f, at most %.3f is allowed",
                    stage.stage(), error, properties.mostCalibrationError()));
        }
    }

    /** Worse than the one that serves only where chance can not explain it: the intervals are apart. */
    private static void relative(Evaluation evaluation, Evaluation serving, List<String> reasons) {
        Map<String, Evaluation.Stage> ours =
                evaluation.stages().stream().collect(Collectors.toMap(Evaluation.Stage::stage, Function.identity()));
        for (Evaluation.Stage theirs : serving.stages()) {
            Evaluation.Stage mine = ours.get(theirs.stage());
            if (mine == null) {
                reasons.add(text("%s: has no figures, the serving student has", theirs.stage()));
            } else if (mine.high() < theirs.low()) {
                reasons.add(text(
                        "%s: agreement %.3f [%.3f, %.3f], the serving student has %.3f [%.3f, %.3f]",
                        mine.stage(),
                        mine.agreement(),
                        mine.low(),
                        mine.high(),
                        theirs.agreement(),
                        theirs.low(),
                        theirs.high()));
            }
        }
    }

    private static String text(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }
}
