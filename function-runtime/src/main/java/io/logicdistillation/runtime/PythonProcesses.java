package io.logicdistillation.runtime;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Processes that are ready for a call, made ahead. None has seen anything of a tenant; those of a memory limit that nobody asks
 * for leave first. Thread-safe.
 */
final class PythonProcesses implements PythonTemplate.Listener, AutoCloseable {

    /** Limits that calls come with; the callers in this platform know three. */
    private static final int MOST_LIMITS = 4;

    private static final int MOST_TRIES = 3;

    private final int idle;
    private final PythonTemplate template;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final LinkedHashMap<Long, Deque<PythonProcess>> ready = new LinkedHashMap<>(16, 0.75f, true);
    private final Map<Long, Integer> ordered = new HashMap<>();
    private int failures;
    private String lastFailure = "";
    private boolean gone;

    PythonProcesses(Path interpreter, boolean unlocked, int idle) throws PythonInterpreter.Missing {
        this.idle = idle;
        template = new PythonTemplate(interpreter, unlocked, this);
    }

    /** Whether the template has ended, so that nothing can come of this any more. */
    boolean isGone() {
        lock.lock();
        try {
            return gone;
        } finally {
            lock.unlock();
        }
    }

    /**
     * A process for one call, waited for if none is ready.
     *
     * @throws IOException if none can be made
     */
    PythonProcess take(long heapBytes) throws InterruptedException, IOException {
        lock.lockInterruptibly();
        try {
            for (int before = failures; ; ) {
                if (gone || failures - before >= MOST_TRIES) {
                    throw new IOException(gone ? "the template has ended" : lastFailure);
                }
                PythonProcess process = ready.computeIfAbsent(heapBytes, ignored -> new ArrayDeque<>())
                        .poll();
                if (process != null) {
                    return process;
                }
                order(heapBytes, 1);
                changed.await();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Ends a process that was taken. */
    void end(PythonProcess process) {
        template.end(process);
    }

    /** Has processes made until enough are ready. */
    void fill(long heapBytes) {
        lock.lock();
        try {
            int present = ready.getOrDefault(heapBytes, new ArrayDeque<>()).size();
            order(heapBytes, (heapBytes == Limits.standard().heapBytes() ? idle : 1) - present);
        } finally {
            lock.unlock();
        }
    }

    private void order(long heapBytes, int wanted) {
        for (int pending = ordered.getOrDefault(heapBytes, 0); pending < wanted && !gone; pending++) {
            ordered.merge(heapBytes, 1, Integer::sum);
            template.order(heapBytes);
        }
    }

    @Override
    public void ready(PythonProcess process) {
        lock.lock();
        try {
            ordered.merge(process.heapBytes(), -1, Integer::sum);
            ready.computeIfAbsent(process.heapBytes(), ignored -> new ArrayDeque<>())
                    .add(process);
            if (ready.size() > MOST_LIMITS) {
                ready.pollFirstEntry().getValue().forEach(template::end);
            }
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void failed(long heapBytes, String why) {
        lock.lock();
        try {
            ordered.merge(heapBytes, -1, Integer::sum);
            failures++;
            lastFailure = "no process can be made: " + why;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void gone() {
        lock.lock();
        try {
            gone = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        template.close();
    }
}
