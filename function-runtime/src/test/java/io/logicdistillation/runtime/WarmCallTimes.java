package io.logicdistillation.runtime;

import java.util.Arrays;
import java.util.Locale;

/** Prints how long warm calls take, all boundaries included. Run by hand; the numbers are in {@code RATIONALE.md}. */
final class WarmCallTimes {

    private WarmCallTimes() {}

    public static void main(String[] arguments) {
        long start = System.nanoTime();
        try (FunctionRuntime runtime = new SandboxedFunctionRuntime()) {
            System.out.printf(Locale.ROOT, "runtime up            %8.1f ms%n", millisSince(start));
            print(runtime, "trivial", FunctionCall.run("t", "javascript", "function run(a) { return a + 1; }", "[1]"));
            print(
                    runtime,
                    "search on 10 x 10",
                    FunctionCall.run("t", "javascript", Samples.CUT_OFF, Samples.PURSUIT_ARGUMENTS));
        }
    }

    private static void print(FunctionRuntime runtime, String name, FunctionCall call) {
        long start = System.nanoTime();
        System.out.println(runtime.call(call));
        System.out.printf(Locale.ROOT, "%-18s first %8.1f ms%n", name, millisSince(start));
        for (int round = 0; round < 8; round++) {
            double[] times = new double[1000];
            for (int call1 = 0; call1 < times.length; call1++) {
                long before = System.nanoTime();
                FunctionResult result = runtime.call(call);
                times[call1] = millisSince(before);
                if (!(result instanceof FunctionResult.Returned)) {
                    System.out.println(result);
                }
            }
            Arrays.sort(times);
            System.out.printf(
                    Locale.ROOT,
                    "%-18s after %5d: p50 %.3f ms, p99 %.3f ms, max %.1f ms%n",
                    name,
                    (round + 1) * 1000,
                    times[500],
                    times[990],
                    times[999]);
        }
    }

    private static double millisSince(long start) {
        return (System.nanoTime() - start) / 1e6;
    }
}
