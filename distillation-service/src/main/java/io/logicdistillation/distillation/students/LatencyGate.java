package io.logicdistillation.distillation.students;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What a student's time says against it. Bounds are compared with the lower end of a median's interval, so that noise refuses nobody. */
final class LatencyGate {
    private final GateProperties properties;

    LatencyGate(GateProperties properties) {
        this.properties = properties;
    }

    /** @param serving the student that serves the task, if one does and it is another */
    void judge(Evaluation student, @Nullable Timing timing, Optional<String> serving, List<String> reasons) {
        boolean needed = properties.latencyNeeded(student.task());
        if (timing == null) {
            if (needed) {
                reasons.add("latency: was not measured: POST /v1/students/" + student.student() + "/timings");
            }
            return;
        }
        boolean beside = serving.isPresent() && serving.get().equals(timing.serving());
        if (needed && serving.isPresent() && !beside) {
            reasons.add("latency: was not measured beside the student that serves now: POST /v1/students/"
                    + student.student() + "/timings");
        }
        Duration most = properties.mostLatency(student.task());
        for (Timing.Stage stage : timing.stages()) {
            if (stage.rows() < properties.latency().leastRows()) {
                tooFew(stage, needed, reasons);
                continue;
            }
            if (most != null) {
                absolute(stage, most, reasons);
            }
            if (beside) {
                relative(stage, properties.mostLatencyRatio(student.task()), reasons);
            }
        }
    }

    private void tooFew(Timing.Stage stage, boolean needed, List<String> reasons) {
        if (needed) {
            reasons.add(PromotionGate.text(
                    "latency of %s: measured on %d rows, %d are needed",
                    stage.stage(), stage.rows(), properties.latency().leastRows()));
        }
    }

    private static void absolute(Timing.Stage stage, Duration most, List<String> reasons) {
        Double low = stage.student().low();
        double bound = most.toNanos() / 1e6;
        if (low != null && low > bound) {
            reasons.add(PromotionGate.text(
                    "latency of %s: median %.1f ms [%.1f, %.1f], at most %.1f ms are allowed",
                    stage.stage(), stage.student().p50Ms(), low, stage.student().high(), bound));
        }
    }

    private static void relative(Timing.Stage stage, double most, List<String> reasons) {
        Reward.Estimate ratio = stage.ratio();
        Timing.Took serving = stage.serving();
        if (ratio != null && serving != null && ratio.low() > most) {
            reasons.add(PromotionGate.text(
                    "latency of %s: median %.1f ms, the serving student has %.1f ms; on the same %d rows it takes %.2f [%.2f,"
                            + " %.2f] times as long, at most %.2f is allowed",
                    stage.stage(),
                    stage.student().p50Ms(),
                    serving.p50Ms(),
                    stage.rows(),
                    ratio.value(),
                    ratio.low(),
                    ratio.high(),
                    most));
        }
    }
}
