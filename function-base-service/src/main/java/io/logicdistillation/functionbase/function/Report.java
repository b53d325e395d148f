package io.logicdistillation.functionbase.function;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a verification found; kept for every version, and served.
 *
 * @param tests of the function's own
 * @param states made from the task's schema that it was run on
 * @param seed of those states
 * @param silent on how many of them it said that it is not for them
 * @param doubtful on how many a supplied function, which does not say for which states it is, threw or gave what the schema does not allow
 * @param doubt the first of those
 * @param runs altogether
 * @param freshRuns of these in a sandbox made for the purpose
 * @param growth of its time with the size of states, which get larger and larger beyond {@code states}; empty where none can grow
 * @param slowestMicros longest of all runs, boundaries of the sandbox included
 * @param checks in the order in which they were made; the first that failed is the last
 * @param refusal absent where the function passed
 */
public record Report(
        boolean passed,
        int tests,
        int states,
        long seed,
        int silent,
        int doubtful,
        @Nullable String doubt,
        int runs,
        int freshRuns,
        List<Grown> growth,
        long slowestMicros,
        List<Check> checks,
        @Nullable Refusal refusal) {
    public Report {
        growth = List.copyOf(growth);
        checks = List.copyOf(checks);
    }

    /**
     * One run on a larger state.
     *
     * @param characters of the state as JSON
     * @param micros that the run took, boundaries of the sandbox included
     */
    public record Grown(int characters, long micros) {}

    /** @param name {@code static}, {@code tests}, {@code properties} or {@code determinism} */
    public record Check(String name, boolean passed, int count) {}

    /**
     * Why a function was refused; serialised as it stands into the problem's {@code failures}.
     *
     * @param test which of its own tests failed
     * @param cause stable word for programs
     * @param state on which it failed, where that was no test
     */
    public record Refusal(
            String function,
            @Nullable Integer test,
            String cause,
            String message,
            @Nullable Map<String, Object> state) {}
}
