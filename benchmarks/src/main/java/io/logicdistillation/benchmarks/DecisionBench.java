package io.logicdistillation.benchmarks;

import ai.onnxruntime.OrtException;
import io.logicdistillation.inference.engine.EngineSettings;
import io.logicdistillation.inference.engine.Numerics;
import io.logicdistillation.inference.engine.ScoringRequest;
import io.logicdistillation.inference.engine.StudentEngine;
import io.logicdistillation.inference.engine.StudentEngines;
import io.logicdistillation.inference.engine.StudentLease;
import io.logicdistillation.inference.engine.StudentPackage;
import io.logicdistillation.inference.engine.Way;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One stage of a decision, from the state's words to probabilities, beside a bare run of the same graph on tensors
 * prepared beforehand; the two take turns, so that whatever else the machine does falls on both.
 *
 * <p>{@code DecisionBench --student FOLDER [--json] [--runs N] [--states N] [--llama-server URL] [--peak-int8 GOPS] [--peak-bf16 GOPS]
 * [--peak-fp32 GOPS]}; the environment's
 * PLATFORM_MODEL_FILE names the base model. The way that the student prefers is compared with full precision on N recorded states (1,000),
 * the other on a quarter of them. With {@code --states 0} the comparison with full precision is left out, without
 * {@code --llama-server} the one with a server of the same model.
 */
public final class DecisionBench {
    private static final int K = 5;
    private static final List<Integer> CANDIDATES = List.of(5, 10, 20, 40);
    private static final int WARM_UP = 10;

    /** Of one token: thirty layers, 576 wide, 1,536 within, with nine query heads and three of keys and values. */
    private static final double OPERATIONS = 2.0 * 30 * (2 * 576 * 576 + 2 * 576 * 192 + 3 * 576 * 1_536);

    private final Path cache;
    private final StudentPackage student;
    private final int runs;
    private final Consumer<Figure> print;
    private final Map<String, Double> peaks;

    private DecisionBench(
            Path cache, StudentPackage student, int runs, Map<String, Double> peaks, Consumer<Figure> print) {
        this.cache = cache;
        this.student = student;
        this.runs = runs;
        this.peaks = peaks;
        this.print = print;
    }

    public static void main(String[] arguments) throws IOException, OrtException {
        List<String> given = List.of(arguments);
        boolean json = given.contains("--json");
        Path cache = Files.createTempDirectory("decision-bench-");
        try {
            DecisionBench bench = new DecisionBench(
                    cache,
                    StudentPackage.load(Path.of(option(given, "--student", "experiments/pursuit/students/pursuit-ld"))),
                    Integer.parseInt(option(given, "--runs", "60")),
                    peaks(given),
                    figure -> System.out.println(json ? figure.asJson() : figure.asText()));
            String server = option(given, "--llama-server", "");
            bench.measure(
                    Integer.parseInt(option(given, "--states", "1000")),
                    server.isEmpty() ? null : new LlamaServer(URI.create(server)));
        } finally {
            delete(cache);
        }
    }

    /** Billions of operations a second that this machine reaches at most, by the kind of number. */
    private static Map<String, Double> peaks(List<String> given) {
        Map<String, Double> peaks = new LinkedHashMap<>();
        for (String kind : List.of("int8", "bf16", "fp32")) {
            String peak = option(given, "--peak-" + kind, "");
            if (!peak.isEmpty()) {
                peaks.put(kind, Double.parseDouble(peak));
            }
        }
        return peaks;
    }

    private static String option(List<String> given, String name, String otherwise) {
        int at = given.indexOf(name);
        return at < 0 || at + 1 == given.size() ? otherwise : given.get(at + 1);
    }

    private void measure(int states, @Nullable LlamaServer llamaServer) throws IOException, OrtException {
        try (StudentEngines engines = new StudentEngines(settings(Numerics.INT8))) {
            print.accept(new Figure("convert_and_load", millisecondsOf(() -> engines.lease(student)), "ms"));
            engines.unload(student.id());
        }
        List<List<ScoringRequest>> requests = new ArrayList<>();
        List<int[]> choices = new ArrayList<>();
        try (StudentEngines engines = new StudentEngines(settings(Numerics.INT8))) {
            print.accept(new Figure("load", millisecondsOf(() -> engines.lease(student)), "ms"));
            try (StudentLease engine = engines.lease(student)) {
                times(engine);
                if (llamaServer != null) {
                    beside(llamaServer, engine);
                }
                for (Way way : Way.values()) {
                    requests.add(Agreement.requests(way == student.manifest().preferred() ? states : states / 4, way));
                    choices.add(Agreement.choices(engine, requests.getLast()));
                }
            }
        }
        print.accept(new Figure("memory", residentMegabytes(), "MB"));
        if (states > 0) {
            compare(requests, choices);
        }
    }

    private EngineSettings settings(Numerics numerics) {
        EngineSettings usual = EngineSettings.of(modelFile(), cache.resolve(numerics.name()));
        return new EngineSettings(
                usual.modelFile(), usual.cacheFolder(), usual.threads(), 1, usual.cacheBytes(), numerics);
    }

    private static Path modelFile() {
        String file = System.getenv("PLATFORM_MODEL_FILE");
        if (file == null || file.isBlank()) {
            throw new IllegalStateException("PLATFORM_MODEL_FILE must name the base model; './platform bench' sets it");
        }
        return Path.of(file);
    }

    private void times(StudentEngine engine) throws IOException, OrtException {
        try (RawRun raw = new RawRun(graph(), settings(Numerics.INT8).threads())) {
            SizedPrompt stage64 = new SizedPrompt(engine, Way.RECALL, 20).size(K, 256, 64);
            RawRun.Call raw64 = raw.prepare(64, 256, 1, K + 1);
            double stage = pair("stage64", engine, () -> stage64.next(K), raw64, true);
            besidePeaks("stage64", 64, stage);
            pair("stage64_other_candidates", engine, () -> stage64.nextWithOtherCandidates(K), raw64, false);
            SizedPrompt stage32 = new SizedPrompt(engine, Way.RECALL, 20).size(K, 256, 32);
            pair("stage32", engine, () -> stage32.next(K), raw.prepare(32, 256, 1, K + 1), true);
            SizedPrompt recall = new SizedPrompt(engine, Way.RECALL, 20).size(K, 50 + K * 20, 32);
            pair("recall_32_state_5x20", engine, () -> recall.next(K), raw.prepare(32, 50 + K * 20, 1, K + 1), false);
            SizedPrompt reading = new SizedPrompt(engine, Way.READING, 17).size(K, 50, 32 + K * 20);
            pair("reading_32_state_5x20", engine, () -> reading.next(K), raw.prepare(32 + K * 20, 50, K, 2), false);
            for (int k : CANDIDATES) {
                SizedPrompt others = new SizedPrompt(engine, Way.RECALL, 20).size(k, 50 + k * 20, 32);
                RawRun.Call bare = raw.prepare(32, 50 + k * 20, 1, k + 1);
                pair("k" + k + "_other_candidates", engine, () -> others.nextWithOtherCandidates(k), bare, false);
            }
        }
        turns();
    }

    /** Whether taking turns costs anything: runs of all threads, one after the other, beside as many sessions of one thread each at once. */
    private void turns() throws IOException, OrtException {
        int threads = settings(Numerics.INT8).threads();
        List<RawRun> alone = new ArrayList<>();
        try (RawRun together = new RawRun(graph(), threads);
                ExecutorService atWork = Executors.newFixedThreadPool(threads)) {
            RawRun.Call inTurn = together.prepare(64, 256, 1, K + 1);
            List<RawRun.Call> atOnce = new ArrayList<>();
            for (int i = 0; i < threads; i++) {
                alone.add(new RawRun(graph(), 1));
                atOnce.add(alone.getLast().prepare(64, 256, 1, K + 1));
            }
            Samples turns = new Samples(runs);
            Samples rounds = new Samples(runs);
            for (int i = -WARM_UP; i < runs; i++) {
                long nanos = inTurn.nanos();
                long others = nanosAtOnce(atOnce, atWork);
                if (i >= 0) {
                    turns.add(nanos);
                    rounds.add(others);
                }
            }
            double rate = threads * 1_000 / rounds.percentile(0.5);
            print.accept(new Figure("one_thread_each_rate", rate, "1/s", 1_000 / turns.percentile(0.5)));
            print.accept(new Figure("one_thread_each_p50", rounds.percentile(0.5), "ms", turns.percentile(0.5)));
            boolean same = Arrays.equals(inTurn.scores(), atOnce.getFirst().scores());
            print.accept(new Figure("one_thread_each_same_scores", same ? 1 : 0, "yes or no"));
        } finally {
            for (RawRun each : alone) {
                each.close();
            }
        }
    }

    /** Until the last of them is done. */
    private static long nanosAtOnce(List<RawRun.Call> calls, ExecutorService threads) {
        long begun = System.nanoTime();
        List<CompletableFuture<Void>> running = new ArrayList<>();
        for (RawRun.Call call : calls) {
            running.add(CompletableFuture.runAsync(
                    () -> {
                        try {
                            var unused = call.nanos();
                        } catch (OrtException e) {
                            throw new IllegalStateException("the model did not run", e);
                        }
                    },
                    threads));
        }
        running.forEach(CompletableFuture::join);
        return System.nanoTime() - begun;
    }

    /** Theirs over ours, so more is better. The same candidates again and again are what a prompt cache is best at. */
    private void beside(LlamaServer server, StudentEngine engine) {
        SizedPrompt prompt = new SizedPrompt(engine, Way.RECALL, 20).size(K, 256, 64);
        beside("stage64", server, engine, () -> prompt.next(K));
        beside("stage64_other_candidates", server, engine, () -> prompt.nextWithOtherCandidates(K));
    }

    private void beside(String name, LlamaServer server, StudentEngine engine, Supplier<ScoringRequest> next) {
        Samples ours = new Samples(runs);
        Samples theirs = new Samples(runs);
        for (int i = -WARM_UP; i < runs; i++) {
            ScoringRequest request = next.get();
            long nanos = nanosOf(engine, request);
            long there = server.prepare(request).nanos();
            if (i >= 0) {
                ours.add(nanos);
                theirs.add(there);
            }
        }
        for (double share : List.of(0.5, 0.99)) {
            String figure = name + "_p" + Math.round(share * 100) + "_vs_llama_server";
            print.accept(new Figure(figure, theirs.percentile(share), "ms", ours.percentile(share)));
        }
    }

    private static long nanosOf(StudentEngine engine, ScoringRequest request) {
        long begun = System.nanoTime();
        engine.score(request);
        return System.nanoTime() - begun;
    }

    private Path graph() throws IOException {
        try (Stream<Path> files = Files.walk(cache.resolve(Numerics.INT8.name()))) {
            return files.filter(path -> path.toString().endsWith(".onnx"))
                    .findFirst()
                    .orElseThrow();
        }
    }

    /** What a run reaches, as shares of what the machine reaches at most: how far there is to go. */
    private void besidePeaks(String name, int tokens, double milliseconds) {
        double reached = OPERATIONS * tokens / milliseconds / 1e6;
        peaks.forEach((kind, peak) -> print.accept(new Figure(name + "_of_" + kind + "_peak", reached, "GOPS", peak)));
    }

    /** @return our p50, ms */
    private double pair(String name, StudentEngine engine, Supplier<ScoringRequest> next, RawRun.Call raw, boolean tail)
            throws OrtException {
        Samples ours = new Samples(runs);
        Samples reference = new Samples(runs);
        for (int i = -WARM_UP; i < runs; i++) {
            ScoringRequest request = next.get();
            long nanos = nanosOf(engine, request);
            long bare = raw.nanos();
            if (i >= 0) {
                ours.add(nanos);
                reference.add(bare);
            }
        }
        print.accept(new Figure(name + "_p50", ours.percentile(0.5), "ms", reference.percentile(0.5)));
        if (tail) {
            print.accept(new Figure(name + "_p99", ours.percentile(0.99), "ms", reference.percentile(0.99)));
        }
        return ours.percentile(0.5);
    }

    private void compare(List<List<ScoringRequest>> requests, List<int[]> choices) {
        try (StudentEngines engines = new StudentEngines(settings(Numerics.FP32));
                StudentLease exact = engines.lease(student)) {
            double recall = Agreement.share(choices.get(0), Agreement.choices(exact, requests.get(0)));
            double reading = Agreement.share(choices.get(1), Agreement.choices(exact, requests.get(1)));
            boolean recalls = student.manifest().preferred() == Way.RECALL;
            print.accept(new Figure("agreement_with_fp32", recalls ? recall : reading, "share"));
            print.accept(new Figure("agreement_with_fp32_recall", recall, "share"));
            print.accept(new Figure("agreement_with_fp32_reading", reading, "share"));
        }
    }

    private static double millisecondsOf(Supplier<StudentLease> lease) {
        long begun = System.nanoTime();
        lease.get().close();
        return (System.nanoTime() - begun) / 1e6;
    }

    private static double residentMegabytes() throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
            if (line.startsWith("VmRSS:")) {
                return Double.parseDouble(line.replaceAll("\\D", "")) / 1024;
            }
        }
        return Double.NaN;
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path path : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
