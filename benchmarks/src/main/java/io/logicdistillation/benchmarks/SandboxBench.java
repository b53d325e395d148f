package io.logicdistillation.benchmarks;

import io.logicdistillation.runtime.FunctionCall;
import io.logicdistillation.runtime.FunctionResult;
import io.logicdistillation.runtime.FunctionRuntime;
import io.logicdistillation.runtime.Limits;
import io.logicdistillation.runtime.RuntimeSettings;
import io.logicdistillation.runtime.SandboxedFunctionRuntime;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * What a call of a function costs, how soon a runaway is dead, and what hostile programs do to their neighbours, for each language
 * apart. Figures of JavaScript have the plain names, those of Python start with {@code python_}.
 *
 * <p>{@code SandboxBench --corpora FOLDER [--language LANGUAGE] [--runs 25] [--json]}.
 */
public final class SandboxBench {
    /** @param prefix of the names of its figures */
    private record Language(String name, String prefix, String trivial, String runaway) {}

    private static final List<Language> LANGUAGES = List.of(
            new Language("javascript", "", "function run(x) { return x + 1; }", "function run() { for (;;) {} }"),
            new Language("python", "python_", "def run(x): return x + 1", "def run():\n    while True: pass"));
    private static final int WARM_UP = 5_000;
    private static final int CALLS = 5_000;
    private static final int KILLS = 100;
    private static final Duration KILLED_AFTER = Duration.ofMillis(50);
    private static final Duration HOSTILE_LIMIT = Duration.ofMillis(100);
    private static final Duration LONGEST_LOAD = Duration.ofMillis(500);
    private static final int TOLD_AFTER = 50;
    private static final Duration PACE = Duration.ofMillis(4);

    private final FunctionRuntime runtime;
    private final Language language;

    private SandboxBench(FunctionRuntime runtime, Language language) {
        this.runtime = runtime;
        this.language = language;
    }

    public static void main(String[] arguments) throws Exception {
        List<String> given = List.of(arguments);
        boolean json = given.contains("--json");
        int runs = Integer.parseInt(option(given, "--runs", "25"));
        Path corpora = Path.of(option(given, "--corpora", "."));
        String only = option(given, "--language", "");
        for (Language language : LANGUAGES) {
            if (only.isEmpty() || only.equals(language.name())) {
                List<String> corpus = HostilePrograms.of(corpora, language.name());
                measured(language, corpus, runs)
                        .forEach(figure -> System.out.println(json ? figure.asJson() : figure.asText()));
            }
        }
    }

    private static String option(List<String> given, String name, String otherwise) {
        return given.contains(name) ? given.get(given.indexOf(name) + 1) : otherwise;
    }

    private static List<Figure> measured(Language language, List<String> corpus, int runs) throws Exception {
        RuntimeSettings settings = new RuntimeSettings(
                Math.max(2, Runtime.getRuntime().availableProcessors()),
                256,
                Duration.ofSeconds(30),
                LONGEST_LOAD,
                16,
                1_000,
                "",
                0);
        double before = memoryMegabytes();
        long begun = System.nanoTime();
        try (FunctionRuntime runtime = new SandboxedFunctionRuntime(settings)) {
            SandboxBench bench = new SandboxBench(runtime, language);
            bench.trivial("bench");
            double coldStart = (System.nanoTime() - begun) / 1e6;
            return bench.figures(corpus, runs, coldStart, before);
        }
    }

    private List<Figure> figures(List<String> corpus, int runs, double coldStart, double before) throws Exception {
        calls(WARM_UP);
        Samples warm = calls(CALLS);
        double memory = memoryMegabytes() - before;
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
                figure("cold_start", coldStart, "ms"),
                figure("warm_call_p50", warm.percentile(0.5), "ms"),
                figure("warm_call_p99", warm.percentile(0.99), "ms"),
                figure("paced_call_p50", quiet.percentile(0.5), "ms"),
                figure("paced_call_p99", quiet.percentile(0.99), "ms"),
                figure("kill_p99", kills.percentile(0.99), "ms"),
                figure("memory", memory, "MB"),
                figure("hostile_programs", corpus.size(), "count"),
                figure("hostile_runs", attack.runs, "count"),
                figure("escapes", attack.escapes, "count"),
                figure("crashes", attack.crashes, "count"),
                figure("overlong", attack.overlong, "count"),
                new Figure(language.prefix() + "neighbour_p50", disturbed.percentile(0.5), "ms", quiet.percentile(0.5)),
                new Figure(
                        language.prefix() + "neighbour_p99", disturbed.percentile(0.99), "ms", quiet.percentile(0.99)));
    }

    private Figure figure(String name, double value, String unit) {
        return new Figure(language.prefix() + name, value, unit);
    }

    /** The heap that is reachable, and each process of this one with its share of what it shares, where that may be read. */
    private static double memoryMegabytes() {
        System.gc();
        double heap = Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
        double processes = ProcessHandle.current()
                .descendants()
                .mapToDouble(process -> proportionalKilobytes(process.pid()))
                .sum();
        return heap / 1e6 + processes / 1e3;
    }

    private static double proportionalKilobytes(long process) {
        try {
            return Files.readAllLines(Path.of("/proc/" + process + "/smaps_rollup")).stream()
                    .filter(line -> line.startsWith("Pss:"))
                    .mapToDouble(line -> Double.parseDouble(line.replaceAll("\\D", "")))
                    .sum();
        } catch (IOException notOurs) {
            return 0;
        }
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
        FunctionCall call = FunctionCall.run("runaway", language.name(), language.runaway(), "[]")
                .withLimits(Limits.standard().withWallClock(KILLED_AFTER));
        Samples samples = new Samples(KILLS);
        // Loaded by the first, which is not counted.
        runtime.call(call);
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
        FunctionResult result = runtime.call(FunctionCall.run(tenant, language.name(), language.trivial(), "[1]"));
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
        int done = 0;
        for (String program : corpus) {
            FunctionCall call = FunctionCall.run("attacker", language.name(), program, "[{\"a\":1}]")
                    .withLimits(limits);
            for (int run = 0; run < runs; run++) {
                long begun = System.nanoTime();
                attack.count(runtime.call(call), System.nanoTime() - begun, limits);
            }
            done++;
            if (done % TOLD_AFTER == 0) {
                System.err.println(language.name() + ": " + done + " of " + corpus.size() + " hostile programs");
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
