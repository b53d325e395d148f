package io.logicdistillation.inference.students;

import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.contracts.ProblemType;
import io.logicdistillation.contracts.Student;
import io.logicdistillation.inference.engine.EngineException;
import io.logicdistillation.inference.engine.StudentPackage;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The place from which one student serves. Another one takes the place when it has been loaded, never before. Thread-safe;
 * loading happens on a thread of its own.
 */
final class Seat {
    private static final Logger log = LoggerFactory.getLogger(Seat.class);

    private final Source source;
    private final Engines engines;
    private final Duration loadWait;
    private final Duration retry;
    private volatile @Nullable StudentPackage current;
    private volatile @Nullable String lastRefused;
    private @Nullable Attempt attempt;

    Seat(Source source, Engines engines, Duration loadWait, Duration retry) {
        this.source = source;
        this.engines = engines;
        this.loadWait = loadWait;
        this.retry = retry;
    }

    boolean isTaken() {
        return current != null;
    }

    /**
     * Starts to load this student unless it serves already, is being loaded, or has failed a moment ago. What else was being
     * loaded no longer takes the place.
     */
    void prepare(Student student) {
        StudentPackage serving = current;
        boolean serves = serving != null && serving.id().equals(student.id());
        synchronized (this) {
            if (serves) {
                attempt = null;
                return;
            }
            if (attempt != null && attempt.stillStands(student.id(), retry)) {
                return;
            }
            Attempt started = new Attempt(student.id());
            attempt = started;
            Thread.ofVirtual().name("load " + student.name()).start(() -> load(student, started));
        }
    }

    private void load(Student student, Attempt started) {
        try {
            StudentPackage loaded = source.get(student.id());
            engines.lease(loaded).close();
            synchronized (this) {
                if (attempt == started) {
                    current = loaded;
                    attempt = null;
                }
            }
            log.info("Student {} ({}) serves", student.name(), student.id());
            started.done.complete(null);
        } catch (IOException | RuntimeException failure) {
            refused(student, String.valueOf(failure.getMessage()));
            started.done.completeExceptionally(failure);
        }
    }

    /** Says so once per student, not once per try. */
    private void refused(Student student, String cause) {
        if (!student.id().equals(lastRefused)) {
            lastRefused = student.id();
            log.error(
                    "Student {} ({}) is refused and will be tried again{}: {}",
                    student.name(),
                    student.id(),
                    current == null ? "" : ", the one before it goes on serving",
                    cause);
        }
    }

    /** The student that serves; waits for the first one. */
    Engines.Lease lease(Duration patience) {
        StudentPackage serving = current;
        if (serving == null) {
            await(patience.compareTo(loadWait) < 0 ? patience : loadWait);
            serving = current;
        }
        if (serving == null) {
            throw loading();
        }
        try {
            return engines.lease(serving);
        } catch (EngineException failure) {
            throw new PlatformException(ProblemType.UNAVAILABLE, "The student can not be loaded", failure);
        }
    }

    private void await(Duration longest) {
        Attempt pending;
        synchronized (this) {
            pending = attempt;
        }
        if (pending == null) {
            return;
        }
        try {
            pending.done.get(longest.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException slow) {
            throw loading();
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            throw loading();
        } catch (ExecutionException refused) {
            throw new PlatformException(
                    ProblemType.UNAVAILABLE,
                    "The student " + pending.id + " could not be loaded; the service's log says why");
        }
    }

    private static PlatformException loading() {
        return new PlatformException(ProblemType.UNAVAILABLE, "The student is still being loaded; try again");
    }

    /** Gets a student onto this machine. */
    @FunctionalInterface
    interface Source {
        StudentPackage get(String id) throws IOException;
    }

    private static final class Attempt {
        final String id;
        final long startedAt = System.nanoTime();
        final CompletableFuture<@Nullable Void> done = new CompletableFuture<>();

        Attempt(String id) {
            this.id = id;
        }

        boolean stillStands(String wanted, Duration retry) {
            return id.equals(wanted)
                    && (!done.isCompletedExceptionally() || System.nanoTime() - startedAt < retry.toNanos());
        }
    }
}
