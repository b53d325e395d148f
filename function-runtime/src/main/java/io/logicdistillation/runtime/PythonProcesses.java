package io.logicdistillation.runtime;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Processes that are ready for a call, made ahead. None has seen anything of a tenant; those of a memory limit that nobody asks
 * for leave first. A tenant's next call waits until what its calls have used up is replaced: beside its running function the
 * tenant then keeps no second processor busy, which its neighbours may want. Thread-safe.
 */
final class PythonProcesses implements PythonTemplate.Listener, AutoCloseable {

    /** Limits that calls come with; the callers in this platform know three. */
    private static final int MOST_LIMITS = 4;

    private static final int MOST_TRIES = 3;

    /** @param tenant whose call used up what this replaces */
    private record Making(long heapBytes, String tenant) {}

    private final int idle;
    private final PythonTemplate template;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final LinkedHashMap<Long, Deque<PythonProcess>> ready = new LinkedHashMap<>(16, 0.75f, true);
    /** By the template's numbers, in their order. */
    private final Map<Integer, Making> making = new LinkedHashMap<>();

    private int failures;
    private String lastFailure = "";
    private boolean gone;

    PythonProcesses(Path interpreter, PythonTemplate.Guests guests, int idle) throws PythonInterpreter.Missing {
        this.idle = idle;
        template = new PythonTemplate(interpreter, guests, this);
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
     * A process for one call of a tenant, waited for if none is ready.
     *
     * @throws IOException if none can be made
     */
    PythonProcess take(String tenant, long heapBytes) throws InterruptedException, IOException {
        lock.lockInterruptibly();
        try {
            awaitReplaced(tenant);
            for (int before = failures; ; ) {
                if (gone || failures - before >= MOST_TRIES) {
                    throw new IOException(gone ? "the template has ended" : lastFailure);
                }
                PythonProcess process = ready.computeIfAbsent(heapBytes, ignored -> new ArrayDeque<>())
                        .poll();
                if (process != null) {
                    return process;
                }
                order(tenant, heapBytes, 1);
                changed.await();
            }
        } finally {
            lock.unlock();
        }
    }

    /** What is used up meanwhile by the tenant's other calls is not waited for, so that none waits for ever. */
    private void awaitReplaced(String tenant) throws InterruptedException {
        List<Integer> used = making.entrySet().stream()
                .filter(made -> made.getValue().tenant().equals(tenant))
                .map(Map.Entry::getKey)
                .toList();
        while (!gone && used.stream().anyMatch(making::containsKey)) {
            changed.await();
        }
    }

    /** Ends a process that was taken. */
    void end(PythonProcess process) {
        template.end(process);
    }

    /** Has processes made until enough are ready, after a call of a tenant. */
    void fill(String tenant, long heapBytes) {
        lock.lock();
        try {
            int present = ready.getOrDefault(heapBytes, new ArrayDeque<>()).size();
            order(tenant, heapBytes, (heapBytes == Limits.standard().heapBytes() ? idle : 1) - present);
        } finally {
            lock.unlock();
        }
    }

    private void order(String tenant, long heapBytes, int wanted) {
        long pending = making.values().stream()
                .filter(made -> made.heapBytes() == heapBytes)
                .count();
        for (; pending < wanted && !gone; pending++) {
            making.put(template.order(heapBytes), new Making(heapBytes, tenant));
        }
    }

    @Override
    public void ready(PythonProcess process) {
        lock.lock();
        try {
            making.remove(process.number());
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
    public void failed(int number, String why) {
        lock.lock();
        try {
            making.remove(number);
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
