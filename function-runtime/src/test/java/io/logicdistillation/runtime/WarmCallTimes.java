package io.logicdistillation.runtime;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.lang.management.ThreadMXBean;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;

/**
 * Prints how long warm calls take, all boundaries included, and the processor time they cost the workers, which says more
 * on a busy machine. Run by hand; the numbers are in {@code RATIONALE.md}.
 */
final class WarmCallTimes {

    private static final int CALLS = 500;
    private static final int ROUNDS = 8;

    private WarmCallTimes() {}

    public static void main(String[] arguments) {
        long start = System.nanoTime();
        try (FunctionRuntime runtime = new SandboxedFunctionRuntime()) {
            System.out.printf(Locale.ROOT, "runtime up %.1f ms%n", millisSince(start));
            print(runtime, "trivial", FunctionCall.run("t", "javascript", Samples.TRIVIAL, "[1]"));
            print(runtime, "search", FunctionCall.run("t", "javascript", Samples.CUT_OFF, Samples.PURSUIT_ARGUMENTS));
        }
    }

    private static void print(FunctionRuntime runtime, String name, FunctionCall standard) {
        FunctionCall call = standard.withLimits(Limits.standard().withWallClock(Duration.ofSeconds(5)));
        long start = System.nanoTime();
        FunctionResult first = runtime.call(call);
        System.out.printf(Locale.ROOT, "%s first %.1f ms: %s%n", name, millisSince(start), first);
        for (int round = 1; round <= ROUNDS; round++) {
            double[] times = new double[CALLS];
            double processorTime = -workerMillis();
            for (int index = 0; index < CALLS; index++) {
                long before = System.nanoTime();
                runtime.call(call);
                times[index] = millisSince(before);
            }
            processorTime += workerMillis();
            Arrays.sort(times);
            System.out.printf(
                    Locale.ROOT,
                    "%s round %d: p50 %.3f ms, p99 %.3f ms, processor %.3f ms a call%n",
                    name,
                    round,
                    times[CALLS / 2],
                    times[CALLS * 99 / 100],
                    processorTime / CALLS);
        }
    }

    private static double workerMillis() {
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        double total = 0;
        for (ThreadInfo thread : threads.getThreadInfo(threads.getAllThreadIds())) {
            if (thread != null && thread.getThreadName().startsWith("function-worker")) {
                total += threads.getThreadCpuTime(thread.getThreadId()) / 1e6;
            }
        }
        return total;
    }

    private static double millisSince(long start) {
        return (System.nanoTime() - start) / 1e6;
    }
}
