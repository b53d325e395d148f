package io.logicdistillation.benchmarks;

import io.logicdistillation.runtime.FunctionCall;
import io.logicdistillation.runtime.FunctionResult;
import io.logicdistillation.runtime.FunctionRuntime;
import io.logicdistillation.runtime.Limits;
import io.logicdistillation.runtime.RuntimeSettings;
import io.logicdistillation.runtime.SandboxedFunctionRuntime;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * What a call of a function costs, how soon a runaway is dead, and what hostile programs do to their neighbours.
 *
 * <p>{@code SandboxBench --corpus FILE [--runs 25] [--json]}; the file holds programs under headings of four slashes.
 */
public final class SandboxBench {
    private static final String TRIVIAL = "function run(x) { return x + 1; }";
    private static final String RUNAWAY = "function run() { for (;;) {} }";
    private static final int WARM_UP = 5_000;
    private static final int CALLS = 5_000;
    private static final int KILLS = 100;
    private static final Duration KILLED_AFTER = Duration.ofMillis(50);
    private static final Duration HOSTILE_LIMIT = Duration.ofMillis(100);
    private static final Duration LONGEST_LOAD = Duration.ofMillis(500);
    private static final Duration PACE = Duration.ofMillis(4);

    private final FunctionRuntime runtime;

    private SandboxBench(FunctionRuntime runtime) {
        this.runtime = runtime;
    }

    public static void main(String[] arguments) throws Exception {
        List<String> given = List.of(arguments);
        boolean json = given.contains("--json");
        List<String> corpus = corpus(Path.of(given.get(given.indexOf("--corpus") + 1)));
        int runs = given.contains("--runs") ? Integer.parseInt(given.get(given.indexOf("--runs") + 1)) : 25;
        RuntimeSettings settings = new RuntimeSettings(
                Math.max(2, Runtime.getRuntime().availableProcessors()),
                256,
                Duration.ofSeconds(30),
                LONGEST_LOAD,
                16,
                1_000);
        try (FunctionRuntime runtime = new SandboxedFunctionRuntime(settings)) {
            new SandboxBench(runtime)
                    .figures(corpus, runs)
                    .forEach(figure -> System.out.println(json ? figure.asJson() : figure.asText()));
        }
    }

    private static List<String> corpus(Path file) throws java.io.IOException {
        return Arrays.stream(Files.readString(file).split("(?m)^//// "))
                .skip(1)
                .map(section -> section.split("\n", 2)[1].stripTrailing())
                .toList();
    }

    private List<Figure> figures(List<String> corpus, int runs) throws InterruptedException {
        calls(WARM_UP);
        Samples warm = calls(CALLS);
        Samples kills = kills();
        Samples quiet = new Samples(CALLS);
        Thread alone = Thread.ofPlatform().start(() -> neighbour(quiet, new AtomicBoolean(true), CALLS / 2));
        alone.join();
        AtomicBoolean attacked = new AtomicBoolean(true);
        Samples disturbed = new Samples(1_000_000);
        Thread beside = Thread.ofPlatform().start(() -> neighbour(disturbed, attacked, 1_000_000));
        Attack attack = attack(corpus, runs);
        attacked.set(false);
        beside.join();
        return List.of(
                new Figure("warm_call_p50", warm.percentile(0.5), "ms"),
                new Figure("warm_call_p99", warm.percentile(0.99), "ms"),
                new Figure("kill_p99", kills.percentile(0.99), "ms"),
                new Figure("hostile_programs", corpus.size(), "count"),
                new Figure("hostile_runs", attack.runs, "count"),
                new Figure("escapes", attack.escapes, "count"),
                new Figure("crashes", attack.crashes, "count"),
                new Figure("overlong", attack.overlong, "count"),
                new Figure("neighbour_p50", disturbed.percentile(0.5), "ms", quiet.percentile(0.5)),
                new Figure("neighbour_p99", disturbed.percentile(0.99), "ms", quiet.percentile(0.99)));
    }

    private Samples calls(int count) {
        Samples samples = new Samples(count);
        for (int call = 0; call < count; call++) {
            samples.add(trivial("bench"));
        }
        return samples;
    }

    /** Milliseconds from the limit to the caller's having its answer. */
    private Samples kills() {
        FunctionCall call = FunctionCall.run("runaway", "javascript", RUNAWAY, "[]")
                .withLimits(Limits.standard().withWallClock(KILLED_AFTER));
        Samples samples = new Samples(KILLS);
        for (int kill = 0; kill < KILLS; kill++) {
            long begun = System.nanoTime();
            FunctionResult result = runtime.call(call);
            samples.add(System.nanoTime() - begun - KILLED_AFTER.toNanos());
            if (!(result instanceof FunctionResult.Failed failed && failed.kind() == FunctionResult.Failure.TIMEOUT)) {
                throw new IllegalStateException("A runaway ended as " + result);
            }
        }
        return samples;
    }

    /** Another tenant's calls at a steady pace, as long as {@code going}. */
    private void neighbour(Samples samples, AtomicBoolean going, int most) {
        for (int call = 0; call < most && going.get(); call++) {
            samples.add(trivial("neighbour"));
            try {
                Thread.sleep(PACE);
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    private long trivial(String tenant) {
        long begun = System.nanoTime();
        FunctionResult result = runtime.call(FunctionCall.run(tenant, "javascript", TRIVIAL, "[1]"));
        long took = System.nanoTime() - begun;
        if (!(result instanceof FunctionResult.Returned returned
                && returned.json().equals("2"))) {
            throw new IllegalStateException("A trivial call ended as " + result);
        }
        return took;
    }

    private Attack attack(List<String> corpus, int runs) {
        Attack attack = new Attack();
        Limits limits = Limits.standard().withWallClock(HOSTILE_LIMIT);
        for (String program : new ArrayList<>(corpus)) {
            FunctionCall call = FunctionCall.run("attacker", "javascript", program, "[{\"a\":1}]")
                    .withLimits(limits);
            for (int run = 0; run < runs; run++) {
                long begun = System.nanoTime();
                attack.count(runtime.call(call), System.nanoTime() - begun, limits);
            }
        }
        return attack;
    }

    /** What came of the hostile runs. */
    private static final class Attack {
        private static final long PATIENCE =
                LONGEST_LOAD.plus(HOSTILE_LIMIT).plusMillis(50).toNanos();

        private int runs;
        private int escapes;
        private int crashes;
        private int overlong;

        void count(FunctionResult result, long nanos, Limits limits) {
            runs++;
            overlong += nanos > PATIENCE ? 1 : 0;
            boolean escaped = switch (result) {
                case FunctionResult.Returned returned ->
                    returned.json().contains("escaped") || returned.json().length() > limits.outputBytes();
                case FunctionResult.Failed failed -> failed.message().contains("escaped");
            };
            escapes += escaped ? 1 : 0;
            crashes += result instanceof FunctionResult.Failed failed && failed.kind() == FunctionResult.Failure.CRASHED
                    ? 1
                    : 0;
        }
    }
}
