package io.logicdistillation.inference.students;

import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.contracts.ProblemType;
import io.logicdistillation.contracts.Student;
import io.logicdistillation.inference.engine.EngineException;
import io.logicdistillation.inference.engine.StudentPackage;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
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

    Optional<StudentPackage> current() {
        return Optional.ofNullable(current);
    }

    boolean isTaken() {
        return current != null;
    }

    /**
     * Starts to load this student unless it serves already, is being loaded, or has failed a moment ago. What else was being
     * loaded no longer takes the place.
     */
    void prepare(Student student) {
        prepare(student.id(), student.name());
    }

    /** @param name for the log */
    void prepare(String id, String name) {
        StudentPackage serving = current;
        boolean serves = serving != null && serving.id().equals(id);
        synchronized (this) {
            if (serves) {
                attempt = null;
                return;
            }
            if (attempt != null && attempt.stillStands(id, retry)) {
                return;
            }
            Attempt started = new Attempt(id);
            attempt = started;
            Thread.ofVirtual().name("load " + name).start(() -> load(name, started));
        }
    }

    private void load(String name, Attempt started) {
        try {
            StudentPackage loaded = source.get(started.id);
            engines.lease(loaded).close();
            synchronized (this) {
                if (attempt == started) {
                    current = loaded;
                    attempt = null;
                }
            }
            log.info("Student {} ({}) serves", name, started.id);
            started.done.complete(null);
        } catch (IOException | RuntimeException failure) {
            refused(name, started.id, String.valueOf(failure.getMessage()));
            started.done.completeExceptionally(failure);
        }
    }

    /** Says so once per student, not once per try. */
    private void refused(String name, String id, String cause) {
        if (!id.equals(lastRefused)) {
            lastRefused = id;
            log.error(
                    "Student {} ({}) is refused and will be tried again{}: {}",
                    name,
                    id,
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
        return lease(serving);
    }

    /**
     * The student, if it is ready: whoever has another one to fall back on need not wait.
     *
     * @return empty while it is being loaded for the first time
     * @throws PlatformException {@link ProblemType#UNAVAILABLE} if it could not be loaded
     */
    Optional<Engines.Lease> leaseIfReady() {
        StudentPackage serving = current;
        if (serving != null) {
            return Optional.of(lease(serving));
        }
        if (lastRefused != null) {
            throw new PlatformException(
                    ProblemType.UNAVAILABLE,
                    "The student " + lastRefused + " could not be loaded; the service's log says why");
        }
        return Optional.empty();
    }

    private Engines.Lease lease(StudentPackage serving) {
        try {
            return engines.lease(serving);
        } catch (EngineException failure) {
            throw new PlatformException(ProblemType.UNAVAILABLE, "The student can not be loaded", failure);
        }
    }

    /** @throws PlatformException {@link ProblemType#UNAVAILABLE} if it is not loaded then */
    void await(Duration longest) {
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
