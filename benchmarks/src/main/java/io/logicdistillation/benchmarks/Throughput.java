package io.logicdistillation.benchmarks;

import ai.onnxruntime.OrtException;
import io.logicdistillation.inference.engine.ScoringRequest;
import io.logicdistillation.inference.engine.StudentEngine;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/**
 * How many stages get done in a second: by one client and by 32 at once; and what bare runs of the same shape reach when they are
 * arranged otherwise, which is the most that rearranging the engine could win.
 */
final class Throughput {
    private static final int CLIENTS = 32;
    private static final int FRESH = 64;
    private static final int CACHED = 256;
    private static final Duration LONG_ENOUGH = Duration.ofSeconds(6);

    private final Consumer<Figure> print;

    Throughput(Consumer<Figure> print) {
        this.print = print;
    }

    /** @param requests enough to differ; both kinds of clients go through them in turn */
    void ofClients(StudentEngine engine, List<ScoringRequest> requests) {
        AtomicInteger next = new AtomicInteger();
        Work work = thread -> engine.score(requests.get(Math.floorMod(next.getAndIncrement(), requests.size())));
        rate(1, work, Duration.ofSeconds(1));
        double one = rate(1, work, LONG_ENOUGH);
        double many = rate(CLIENTS, work, LONG_ENOUGH);
        print.accept(new Figure("throughput_1_client", one, "stages/s"));
        print.accept(new Figure("throughput_32_clients", many, "stages/s", one));
    }

    /** Stages a second of bare runs, each beside one run at a time on both cores. */
    void ofBareRuns(Path graph, int threads, int answers) throws OrtException {
        double reference;
        try (RawRun both = new RawRun(graph, threads)) {
            reference = alone(both, 1, answers);
            print.accept(new Figure("bare_one_at_a_time", reference, "stages/s"));
            for (int batch : new int[] {2, 4}) {
                double rate = alone(both, batch, answers);
                print.accept(new Figure("bare_batch_of_" + batch, rate, "stages/s", reference));
            }
        }
        try (RawRun single = new RawRun(graph, 1)) {
            print.accept(new Figure("bare_one_thread", alone(single, 1, answers), "stages/s", reference));
            for (int batch : new int[] {1, 2}) {
                List<RawRun.Call> calls = new ArrayList<>();
                for (int i = 0; i < threads; i++) {
                    calls.add(single.prepare(batch * FRESH, CACHED, batch, answers));
                }
                Work work = thread -> calls.get(thread).nanos();
                rate(threads, work, Duration.ofSeconds(1));
                print.accept(new Figure(
                        "bare_side_by_side" + (batch == 1 ? "" : "_batch_of_" + batch),
                        batch * rate(threads, work, LONG_ENOUGH),
                        "stages/s",
                        reference));
            }
        }
    }

    /** A batch is one run: the states of several stages behind one prefix, none of which sees another. */
    private static double alone(RawRun run, int batch, int answers) throws OrtException {
        RawRun.Call call = run.prepare(batch * FRESH, CACHED, batch, answers);
        Work work = thread -> call.nanos();
        rate(1, work, Duration.ofSeconds(1));
        return batch * rate(1, work, LONG_ENOUGH);
    }

    /** What one client does again and again. */
    @FunctionalInterface
    private interface Work {
        void once(int client) throws OrtException;
    }

    private static double rate(int clients, Work work, Duration time) {
        long begun = System.nanoTime();
        long end = begun + time.toNanos();
        int done = 0;
        try (ExecutorService threads = Executors.newFixedThreadPool(clients)) {
            List<Future<Integer>> all = new ArrayList<>();
            for (int i = 0; i < clients; i++) {
                int client = i;
                all.add(threads.submit(() -> {
                    int count = 0;
                    while (System.nanoTime() < end) {
                        work.once(client);
                        count++;
                    }
                    return count;
                }));
            }
            for (Future<Integer> each : all) {
                done += each.get();
            }
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", stopped);
        } catch (ExecutionException failure) {
            throw new IllegalStateException("a client failed", failure);
        }
        return done / ((System.nanoTime() - begun) / 1e9);
    }
}
