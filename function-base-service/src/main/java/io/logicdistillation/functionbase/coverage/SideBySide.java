package io.logicdistillation.functionbase.coverage;

import io.logicdistillation.contracts.FunctionDefinition;
import io.logicdistillation.functionbase.function.Situations.Situation;
import io.logicdistillation.functionbase.json.CanonicalJson;
import io.logicdistillation.functionbase.sandbox.Outcome;
import io.logicdistillation.functionbase.sandbox.Sandbox;
import io.logicdistillation.functionbase.sandbox.StaticCheck;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.springframework.stereotype.Component;

/** Runs the functions of a stage on the same states. Thread-safe. */
@Component
class SideBySide {
    /** Fewer shared states say nothing. */
    private static final int FEWEST_TOGETHER = 10;

    private static final double NEARLY_THE_SAME_STATES = 0.9;
    private static final double NEARLY_ALWAYS_ALIKE = 0.95;
    /** Instead of an output: the function is not for the state. */
    private static final int NOT_FOR_IT = -1;

    private final Sandbox sandbox;
    private final StaticCheck texts;

    SideBySide(Sandbox sandbox, StaticCheck texts) {
        this.sandbox = sandbox;
        this.texts = texts;
    }

    /**
     * What functions gave.
     *
     * @param outputs of each function, in their order, by state: numbers that are the same where the outputs are
     * @param states on which all of them ran
     */
    record Ran(List<FunctionDefinition> functions, int[][] outputs, int states) {
        int applies(int function) {
            return (int) Arrays.stream(outputs[function], 0, states)
                    .filter(output -> output != NOT_FOR_IT)
                    .count();
        }

        /** Whether two of them do the same, and on how many states. */
        Optional<Coverage.Overlap> overlap(int one, int other) {
            int together = 0;
            int apart = 0;
            int alike = 0;
            for (int state = 0; state < states; state++) {
                int given = outputs[one][state];
                int beside = outputs[other][state];
                if (given != NOT_FOR_IT && beside != NOT_FOR_IT) {
                    together++;
                    alike += given == beside ? 1 : 0;
                } else if (given != beside) {
                    apart++;
                }
            }
            boolean overlaps = together >= FEWEST_TOGETHER
                    && together >= NEARLY_THE_SAME_STATES * (together + apart)
                    && alike >= NEARLY_ALWAYS_ALIKE * together;
            return overlaps
                    ? Optional.of(new Coverage.Overlap(
                            functions.get(one).stage(),
                            functions.get(one).name(),
                            functions.get(other).name(),
                            together,
                            apart,
                            alike))
                    : Optional.empty();
        }
    }

    /** @param longest after which no further state is begun, and one that was is left out */
    Ran of(String tenant, List<FunctionDefinition> functions, List<Situation> situations, Duration longest) {
        long end = System.nanoTime() + longest.toNanos();
        int[][] outputs = new int[functions.size()][situations.size()];
        Map<String, Integer> numbers = new HashMap<>();
        // Read when it is first run: so many sources may take longer to read than there is time.
        boolean[] asks = new boolean[functions.size()];
        int states = 0;
        for (Situation situation : situations) {
            for (int function = 0; function < functions.size(); function++) {
                if (System.nanoTime() > end) {
                    return new Ran(functions, outputs, states);
                }
                if (states == 0) {
                    asks[function] = texts.declaresApplies(functions.get(function));
                }
                outputs[function][states] = output(tenant, functions.get(function), asks[function], situation)
                        .map(output -> numbers.computeIfAbsent(output, unseen -> numbers.size()))
                        .orElse(NOT_FOR_IT);
            }
            states++;
        }
        return new Ran(functions, outputs, states);
    }

    /** Every two that do the same. */
    static List<Coverage.Overlap> overlaps(Ran ran) {
        List<Coverage.Overlap> found = new ArrayList<>();
        for (int one = 0; one < ran.functions().size(); one++) {
            for (int other = one + 1; other < ran.functions().size(); other++) {
                ran.overlap(one, other).ifPresent(found::add);
            }
        }
        return found;
    }

    /** A function that does not say for which states it is, is for those for which it gives an output. */
    private Optional<String> output(String tenant, FunctionDefinition function, boolean asks, Situation situation) {
        if (asks
                && !sandbox.applies(
                                tenant, function.language(), function.source(), situation.state(), situation.earlier())
                        .saysYes()) {
            return Optional.empty();
        }
        return sandbox.run(tenant, function, situation.state(), situation.earlier())
                        instanceof Outcome.Gave(Object given, var time)
                ? Optional.of(CanonicalJson.of(given))
                : Optional.empty();
    }
}
