package io.logicdistillation.inference.policies;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.inference.engine.HeldOut;
import io.logicdistillation.inference.engine.Way;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

class ThresholdsTest {
    private static final double[] GRID = {0, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99};

    private final Thresholds thresholds = new Thresholds();

    @Test
    void boundsAsTheTablesDo() {
        assertThat(ClopperPearson.upper(0, 10, 0.05)).isCloseTo(0.2589, within(1e-4));
        assertThat(ClopperPearson.upper(1, 20, 0.025)).isCloseTo(0.2487, within(1e-4));
        assertThat(ClopperPearson.upper(0, 2_000, 0.05)).isCloseTo(0.0015, within(1e-4));
        assertThat(ClopperPearson.upper(7, 7, 0.05)).isEqualTo(1);
    }

    @Test
    void takesTheLowestThresholdThatKeepsTheBudget() {
        HeldOut heldOut = heldOut("""
                {"recall": {"move": {"rows": 1000, "curve": [
                  {"threshold": 0.0, "kept": 1000, "agreed": 900},
                  {"threshold": 0.8, "kept": 900, "agreed": 890},
                  {"threshold": 0.9, "kept": 700, "agreed": 700}]}}}
                """);

        assertThat(threshold(0.02, heldOut)).isEqualTo(0.8);
        assertThat(threshold(0.01, heldOut)).isEqualTo(0.9);
        assertThat(threshold(0.3, heldOut)).isEqualTo(0);
        assertThat(threshold(0.001, heldOut)).isEqualTo(Thresholds.NEVER);
        assertThat(Thresholds.isEnough(1, Thresholds.NEVER)).isFalse();
    }

    @Test
    void splitsBudgetAndRiskOverTheStages() {
        HeldOut heldOut = heldOut("""
                {"recall": {"move": {"rows": 1000, "curve": [
                  {"threshold": 0.0, "kept": 1000, "agreed": 985}, {"threshold": 0.9, "kept": 700, "agreed": 700}]}}}
                """);
        DecisionPolicy policy = policy(0.025);

        assertThat(thresholds.of(policy, 1, "move", Set.of(Way.RECALL), heldOut))
                .hasValue(0);
        assertThat(thresholds.of(policy, 2, "move", Set.of(Way.RECALL), heldOut))
                .hasValue(0.9);
    }

    @Test
    void believesTheCalibrationOfAStudentThatWasNotMeasuredSo() {
        assertThat(thresholds.of(policy(0.1), 2, "move", Set.of(Way.READING), HeldOut.NOTHING))
                .hasValue(0.95);
        assertThat(thresholds.of(DecisionPolicy.NONE, 2, "move", Set.of(Way.READING), HeldOut.NOTHING))
                .isEmpty();
    }

    @Test
    void prefersTheTasksOwnThreshold() {
        DecisionPolicy policy = new DecisionPolicy(0.1, null, Map.of("move", 0.3), null, null, null, null);

        assertThat(thresholds.of(policy, 2, "move", Set.of(Way.READING), HeldOut.NOTHING))
                .hasValue(0.3);
    }

    /** The guarantee itself: over many held-out sets, the true share of wrong decisions exceeds the budget in few. */
    @Test
    void keepsTheBudgetAsOftenAsItPromises() {
        Random random = new Random(7);
        int rounds = 400;
        int broken = 0;
        for (int round = 0; round < rounds; round++) {
            double threshold = threshold(0.05, sample(random, 400));
            if (trulyWrong(threshold) > 0.05) {
                broken++;
            }
        }
        assertThat(broken / (double) rounds).isLessThan(0.05 + 0.025);
    }

    /** A student that is right as often as the square root of how sure it is; how sure it is, is spread evenly. */
    private static HeldOut sample(Random random, int rows) {
        int[] kept = new int[GRID.length];
        int[] agreed = new int[GRID.length];
        for (int row = 0; row < rows; row++) {
            double sure = random.nextDouble();
            boolean right = random.nextDouble() < Math.sqrt(sure);
            for (int i = 0; i < GRID.length; i++) {
                if (sure >= GRID[i]) {
                    kept[i]++;
                    agreed[i] += right ? 1 : 0;
                }
            }
        }
        StringBuilder curve = new StringBuilder();
        for (int i = 0; i < GRID.length; i++) {
            curve.append(i == 0 ? "" : ",")
                    .append("{\"threshold\":%s,\"kept\":%d,\"agreed\":%d}".formatted(GRID[i], kept[i], agreed[i]));
        }
        return heldOut("{\"recall\":{\"move\":{\"rows\":" + rows + ",\"curve\":[" + curve + "]}}}");
    }

    /** The integral of 1 - sqrt(x) from the threshold to 1. */
    private static double trulyWrong(double threshold) {
        return threshold >= Thresholds.NEVER ? 0 : (1 - threshold) - 2.0 / 3 * (1 - Math.pow(threshold, 1.5));
    }

    @Test
    void treatsAManifestOfAnotherShapeAsSilent() {
        for (String metrics : Arrays.asList(
                "{\"recall\": 7}",
                "{\"recall\": {\"move\": {\"rows\": 5, \"curve\": [{\"threshold\": 0, \"kept\": 9, \"agreed\": 1}]}}}",
                "{\"recall\": {\"move\": {\"curve\": \"none\"}}}",
                "[]")) {
            assertThat(heldOut(metrics).curve(Way.RECALL, "move")).isEmpty();
        }
    }

    @Test
    void refusesPoliciesThatMeanNothing() {
        assertThatThrownBy(() -> policy(1.5)).isInstanceOf(PlatformException.class);
        assertThatThrownBy(() -> policy(Double.NaN)).isInstanceOf(PlatformException.class);
        assertThatThrownBy(() -> new DecisionPolicy.Escalation(null, -1L, null, null))
                .isInstanceOf(PlatformException.class);
        assertThatThrownBy(() -> new DecisionPolicy.Escalation(null, null, null, DecisionPolicy.Below.ESCALATE))
                .isInstanceOf(PlatformException.class);
    }

    private double threshold(double budget, HeldOut heldOut) {
        return thresholds
                .of(policy(budget), 1, "move", Set.of(Way.RECALL), heldOut)
                .orElseThrow();
    }

    private static DecisionPolicy policy(double budget) {
        return new DecisionPolicy(budget, null, null, null, null, null, null);
    }

    private static HeldOut heldOut(String metrics) {
        return HeldOut.of(JsonMapper.shared().readTree(metrics));
    }
}
