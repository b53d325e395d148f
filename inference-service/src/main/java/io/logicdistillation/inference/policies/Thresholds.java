package io.logicdistillation.inference.policies;

import io.logicdistillation.inference.engine.HeldOut;
import io.logicdistillation.inference.engine.Way;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Turns a task's error budget into a threshold per stage. The budget is split evenly over the stages, and so is the risk of
 * having judged by too lucky a sample; the union bound adds both up again. Thread-safe.
 */
public final class Thresholds {
    /** No probability reaches it: the student may not decide by itself. */
    public static final double NEVER = 1;

    private static final int MOST_KEPT = 4_096;

    private final Map<Asked, Double> known = new ConcurrentHashMap<>();

    private record Asked(List<HeldOut.Point> curve, double budget, double risk) {}

    /** Whether a probability is enough. */
    public static boolean isEnough(double probability, double threshold) {
        return threshold < NEVER && probability >= threshold;
    }

    /**
     * @param stages how many the task has
     * @param ways by which the candidates were judged; the strictest counts
     * @return empty if the task asks nothing of the stage
     */
    public OptionalDouble of(DecisionPolicy policy, int stages, String stage, Set<Way> ways, HeldOut heldOut) {
        Double own = policy.thresholds().get(stage);
        if (own != null) {
            return OptionalDouble.of(own);
        }
        Double budget = policy.errorBudget();
        if (budget == null) {
            return OptionalDouble.empty();
        }
        double risk = (1 - policy.confidenceOrUsual()) / stages;
        return ways.stream()
                .mapToDouble(way -> of(heldOut.curve(way, stage), budget / stages, risk))
                .max();
    }

    private double of(List<HeldOut.Point> curve, double budget, double risk) {
        if (curve.isEmpty()) {
            // Nothing was measured, so calibration has to be believed: who is so sure is wrong no more often than this.
            return 1 - budget;
        }
        if (known.size() > MOST_KEPT) {
            known.clear();
        }
        return known.computeIfAbsent(new Asked(curve, budget, risk), Thresholds::lowest);
    }

    /**
     * The lowest threshold that holds, tested from the strictest down, stopping at the first that does not: in a sequence that
     * was fixed beforehand, each test may take the whole risk (Angelopoulos et al., "Learn then test", 2021).
     */
    private static double lowest(Asked asked) {
        List<HeldOut.Point> strictestFirst = asked.curve().stream()
                .sorted(Comparator.comparingDouble(HeldOut.Point::threshold).reversed())
                .toList();
        Optional<HeldOut.Point> lowest = Optional.empty();
        for (HeldOut.Point point : strictestFirst) {
            if (ClopperPearson.upper(point.wrong(), point.rows(), asked.risk()) > asked.budget()) {
                break;
            }
            lowest = Optional.of(point);
        }
        return lowest.map(HeldOut.Point::threshold).orElse(NEVER);
    }
}
