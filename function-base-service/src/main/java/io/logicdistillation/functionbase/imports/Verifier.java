package io.logicdistillation.functionbase.imports;

import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.contracts.ProblemType;
import io.logicdistillation.contracts.StageDefinition;
import io.logicdistillation.contracts.TaskDefinition;
import io.logicdistillation.functionbase.background.Lease;
import io.logicdistillation.functionbase.background.Stopped;
import io.logicdistillation.functionbase.embedding.Embedder;
import io.logicdistillation.functionbase.function.Report;
import io.logicdistillation.functionbase.function.Situations;
import io.logicdistillation.functionbase.function.Verification;
import io.logicdistillation.functionbase.snapshot.ViewCheck;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.springframework.stereotype.Component;

/**
 * Verifies the functions of an import, stage by stage and some at a time, and writes down what came of them: whoever takes the import over
 * goes on with those that are left. Thread-safe.
 */
@Component
class Verifier {
    /** Verified between two transactions. */
    private static final int CHUNK = 32;
    /** Enough to say what the earlier stages give, however many there are. */
    private static final int COMPANIONS_OF_A_STAGE = 20;
    /** After so many refused functions the rest is not looked at. */
    private static final int MOST_REFUSED = 20;

    private static final Duration BETWEEN_EVENTS = Duration.ofSeconds(2);
    private static final float[] NONE = {};

    private final Book book;
    private final Verification verification;
    private final ViewCheck views;
    private final Embedder embedder;
    private final ImportProperties properties;

    Verifier(Book book, Verification verification, ViewCheck views, Embedder embedder, ImportProperties properties) {
        this.book = book;
        this.verification = verification;
        this.views = views;
        this.embedder = embedder;
        this.properties = properties;
    }

    /**
     * Verifies what has not been verified yet.
     *
     * @throws Stopped with its cause if anything does not pass, without one if the import was cancelled or taken over
     * @throws PlatformException {@link ProblemType#UNAVAILABLE} if the sandbox is too busy
     */
    void verify(Lease lease, ImportStore.Work work) {
        TaskDefinition task = work.content().definition();
        book.markKnown(lease, work);
        Progress progress = new Progress(lease, work.refused());
        try (ExecutorService threads = Executors.newFixedThreadPool(
                properties.concurrent(), Thread.ofVirtual().factory())) {
            List<String> earlier = new ArrayList<>();
            for (StageDefinition stage : task.stages()) {
                Situations situations = verification.situations(
                        lease.tenant(),
                        task,
                        book.first(lease, earlier, COMPANIONS_OF_A_STAGE),
                        Verification.statesOfAList(work.content().functions()));
                stage(lease, work.content(), stage.name(), situations, threads, progress);
                progress.requireNoneRefused();
                earlier.add(stage.name());
            }
        }
        requireViews(lease, task);
    }

    private void stage(
            Lease lease,
            ImportStore.Content content,
            String stage,
            Situations situations,
            ExecutorService threads,
            Progress progress) {
        for (List<Staged> chunk = book.waiting(lease, stage, CHUNK);
                !chunk.isEmpty();
                chunk = book.waiting(lease, stage, CHUNK)) {
            long start = System.nanoTime();
            List<Future<Staged.Verified>> running = chunk.stream()
                    .map(each -> threads.submit(() -> verified(lease, content, each, situations)))
                    .toList();
            progress.save(all(running), Duration.ofNanos(System.nanoTime() - start));
        }
    }

    private Staged.Verified verified(Lease lease, ImportStore.Content content, Staged staged, Situations situations) {
        Report report = verification.verifyOfAList(
                lease.tenant(), content.definition(), staged.function(), situations, content.functions());
        return new Staged.Verified(
                staged,
                report,
                report.passed() ? embedder.embed(staged.function().manual()) : NONE);
    }

    /** Waits for all; when it is told to stop, or one could not be run, nothing of them is kept. */
    private static List<Staged.Verified> all(List<Future<Staged.Verified>> running) {
        try {
            List<Staged.Verified> verified = new ArrayList<>();
            for (Future<Staged.Verified> each : running) {
                verified.add(each.get());
            }
            return verified;
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            throw new Stopped();
        } catch (ExecutionException failed) {
            if (failed.getCause() instanceof RuntimeException failure) {
                throw failure;
            }
            throw new IllegalStateException(failed.getCause());
        } finally {
            running.forEach(each -> each.cancel(true));
        }
    }

    private void requireViews(Lease lease, TaskDefinition task) {
        try {
            views.require(lease.tenant(), task, stage -> book.all(lease, stage));
        } catch (PlatformException refused) {
            if (refused.type() == ProblemType.INVALID_FUNCTION) {
                throw new Stopped("view", String.valueOf(refused.getMessage()));
            }
            throw refused;
        }
    }

    /** How far one worker has got. For one thread. */
    private final class Progress {
        private final Lease lease;
        private int refused;
        private long told = System.nanoTime() - BETWEEN_EVENTS.toNanos();

        Progress(Lease lease, int refused) {
            this.lease = lease;
            this.refused = refused;
        }

        void save(List<Staged.Verified> verified, Duration worked) {
            boolean tell = System.nanoTime() - told >= BETWEEN_EVENTS.toNanos();
            refused += (int)
                    verified.stream().filter(each -> !each.report().passed()).count();
            book.save(lease, verified, worked, tell);
            told = tell ? System.nanoTime() : told;
            if (refused >= MOST_REFUSED) {
                requireNoneRefused();
            }
        }

        void requireNoneRefused() {
            if (refused > 0) {
                throw new Stopped(
                        "invalid-function",
                        refused + (refused == 1 ? " function does" : " functions do")
                                + " not pass verification here; nothing was stored");
            }
        }
    }
}
