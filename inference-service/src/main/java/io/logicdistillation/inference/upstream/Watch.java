package io.logicdistillation.inference.upstream;

import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.contracts.ProblemType;
import java.time.Duration;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiConsumer;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps answers of another service fresh for as long as somebody uses them, and keeps the last one while that service is away.
 * The first question about a key is asked on the caller's thread; later ones in the background. Thread-safe.
 */
public final class Watch<K, T> implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Watch.class);
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(5);

    private final String what;
    private final Source<K, T> source;
    private final Duration idle;
    private final LongSupplier nanoTime;
    private final BiConsumer<K, T> changed;
    private final ConcurrentHashMap<K, Entry<T>> entries = new ConcurrentHashMap<>();
    private final ScheduledExecutorService ticks =
            Executors.newSingleThreadScheduledExecutor(Thread.ofVirtual().factory());

    /**
     * @param what is watched, for the log
     * @param every pause between two questions about one key
     * @param idle keys that nobody asked for in this time are forgotten
     * @param changed is told of every new answer, on the thread that asked
     */
    public Watch(String what, Source<K, T> source, Duration every, Duration idle, BiConsumer<K, T> changed) {
        this(what, source, idle, changed, System::nanoTime);
        var unused =
                ticks.scheduleWithFixedDelay(this::refresh, every.toMillis(), every.toMillis(), TimeUnit.MILLISECONDS);
    }

    Watch(String what, Source<K, T> source, Duration idle, BiConsumer<K, T> changed, LongSupplier nanoTime) {
        this.what = what;
        this.source = source;
        this.idle = idle;
        this.changed = changed;
        this.nanoTime = nanoTime;
    }

    /**
     * The last known answer; asks for it if there is none.
     *
     * @throws PlatformException as the other service refused
     */
    public T get(K key) {
        Entry<T> entry = entries.computeIfAbsent(key, unknown -> new Entry<>());
        entry.usedAt = nanoTime.getAsLong();
        T known = entry.value;
        return known != null ? known : first(key, entry);
    }

    private T first(K key, Entry<T> entry) {
        acquire(entry.asking);
        try {
            T known = entry.value;
            if (known == null) {
                ask(key, entry);
                known = entry.value;
            }
            if (known == null) {
                throw new PlatformException(ProblemType.UNAVAILABLE, "There is no answer about the " + what + " yet");
            }
            return known;
        } catch (RuntimeException failure) {
            entries.remove(key, entry);
            throw failure;
        } finally {
            entry.asking.unlock();
        }
    }

    private void acquire(ReentrantLock lock) {
        try {
            if (lock.tryLock(LONGEST_WAIT.toMillis(), TimeUnit.MILLISECONDS)) {
                return;
            }
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
        throw new PlatformException(
                ProblemType.UNAVAILABLE, "There is no answer about the " + what + " yet; try again");
    }

    private void ask(K key, Entry<T> entry) {
        switch (source.ask(key, entry.value, entry.etag)) {
            case Source.Answer.Unchanged<T>() -> {}
            case Source.Answer.Changed<T>(T value, String etag) -> {
                entry.value = value;
                entry.etag = etag;
                changed.accept(key, value);
            }
        }
    }

    /** Forgets keys, as if nobody had asked for them. */
    public void forget(Predicate<K> which) {
        entries.keySet().removeIf(which);
    }

    /** Asks about every key in use, each on a thread of its own, so that one slow answer delays no other. */
    void refresh() {
        long now = nanoTime.getAsLong();
        entries.forEach((key, entry) -> {
            if (now - entry.usedAt > idle.toNanos()) {
                entries.remove(key, entry);
            } else if (entry.refreshing.compareAndSet(false, true)) {
                Thread.startVirtualThread(() -> refresh(key, entry));
            }
        });
    }

    private void refresh(K key, Entry<T> entry) {
        if (!entry.asking.tryLock()) {
            entry.refreshing.set(false);
            return;
        }
        try {
            ask(key, entry);
            if (entry.failing.compareAndSet(true, false)) {
                log.info("The {} of {} is answered again", what, key);
            }
        } catch (PlatformException refused) {
            if (refused.type().status() == 404) {
                entries.remove(key, entry);
            }
            warn(key, entry, refused);
        } catch (RuntimeException failure) {
            warn(key, entry, failure);
        } finally {
            entry.asking.unlock();
            entry.refreshing.set(false);
        }
    }

    private void warn(K key, Entry<T> entry, RuntimeException failure) {
        if (entry.failing.compareAndSet(false, true)) {
            log.warn("The {} of {} could not be refreshed, the last one stays: {}", what, key, failure.toString());
        }
    }

    @Override
    public void close() {
        ticks.shutdownNow();
    }

    private static final class Entry<T> {
        final ReentrantLock asking = new ReentrantLock();
        final AtomicBoolean refreshing = new AtomicBoolean();
        final AtomicBoolean failing = new AtomicBoolean();
        volatile @Nullable T value;
        volatile @Nullable String etag;
        volatile long usedAt;
    }
}
