package io.logicdistillation.inference.engine;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The students that are loaded. A student is loaded by the first lease that asks for it and leaves when others need the
 * room and nobody leases it; swapping students is leasing another one.
 *
 * <p>Thread-safe. Loading one student holds up nobody but those who want the same one.
 */
public final class StudentEngines implements AutoCloseable {
    private final EngineSettings settings;
    private final ReentrantLock turn = new ReentrantLock(true);
    private final Map<String, Slot> slots = new LinkedHashMap<>(16, 0.75f, true);
    private final ReentrantLock baseLock = new ReentrantLock();
    private @Nullable BaseModel base;
    /** Leased or not; guarded by {@link #slots}. */
    private final Set<LoadedStudent> inMemory = new HashSet<>();
    /** Of students that have left; guarded by {@link #slots}. */
    private CacheStatistics gone = CacheStatistics.NONE;

    public StudentEngines(EngineSettings settings) {
        this.settings = settings;
    }

    private static final class Slot {
        private final CompletableFuture<LoadedStudent> student = new CompletableFuture<>();
        private int leases;
        private boolean retired;
    }

    /**
     * The student, loaded now if need be: converting it takes seconds the first time, loading it less than one later.
     *
     * @throws EngineException if it cannot be loaded; the next call tries again
     */
    public StudentLease lease(StudentPackage student) {
        Slot slot;
        boolean first;
        synchronized (slots) {
            Slot known = slots.get(student.id());
            first = known == null;
            slot = known == null ? new Slot() : known;
            slots.put(student.id(), slot);
            slot.leases++;
        }
        if (first) {
            load(student, slot);
        }
        try {
            LoadedStudent loaded = slot.student.join();
            closeAll(surplus());
            return new StudentLease(loaded, () -> release(slot));
        } catch (CompletionException e) {
            if (e.getCause() instanceof EngineException refused) {
                throw refused;
            }
            throw e;
        }
    }

    /** Ids of the students in memory, the one used last at the end. */
    public List<String> resident() {
        synchronized (slots) {
            return slots.entrySet().stream()
                    .filter(slot -> slot.getValue().student.isDone())
                    .map(Map.Entry::getKey)
                    .toList();
        }
    }

    /** Of all students since the start; the bytes are of those in memory. Hits and misses never fall. */
    public CacheStatistics cacheStatistics() {
        synchronized (slots) {
            return inMemory.stream().map(LoadedStudent::cacheStatistics).reduce(gone, CacheStatistics::plus);
        }
    }

    /** Forgets the student; its memory is freed once the last lease is closed. */
    public void unload(String id) {
        synchronized (slots) {
            Slot slot = slots.remove(id);
            if (slot == null) {
                return;
            }
            slot.retired = true;
            if (slot.leases > 0) {
                return;
            }
            closeAll(List.of(slot));
        }
    }

    /** Unloads the student, and removes from the disk what was made of it. */
    public void forget(StudentPackage student) {
        unload(student.id());
        baseLock.lock();
        try {
            if (base != null) {
                ConvertedStudent.remove(base, student, settings.numerics(), settings.cacheFolder());
            }
        } finally {
            baseLock.unlock();
        }
    }

    private void load(StudentPackage student, Slot slot) {
        try {
            LoadedStudent loaded =
                    LoadedStudent.load(student, base(student.manifest().base().sha256()), settings, turn);
            synchronized (slots) {
                inMemory.add(loaded);
            }
            slot.student.complete(loaded);
        } catch (RuntimeException | Error e) {
            synchronized (slots) {
                slots.remove(student.id(), slot);
            }
            slot.student.completeExceptionally(e);
        }
    }

    private BaseModel base(String sha256) {
        baseLock.lock();
        try {
            if (base == null) {
                base = BaseModel.open(settings.modelFile(), sha256);
            } else if (!base.sha256().equals(sha256)) {
                throw new EngineException(
                        EngineException.Kind.BASE_MODEL,
                        "the student needs the base model %s; %s is served here".formatted(sha256, base.sha256()));
            }
            return base;
        } finally {
            baseLock.unlock();
        }
    }

    private void release(Slot slot) {
        boolean last;
        synchronized (slots) {
            slot.leases--;
            last = slot.retired && slot.leases == 0;
        }
        closeAll(last ? List.of(slot) : surplus());
    }

    /** Takes those out that are over the limit and idle, the least recently used first. */
    private List<Slot> surplus() {
        List<Slot> leaving = new ArrayList<>();
        synchronized (slots) {
            int over = slots.size() - settings.residentStudents();
            for (Slot slot : List.copyOf(slots.values())) {
                if (over > 0 && slot.leases == 0 && slot.student.isDone()) {
                    slots.values().remove(slot);
                    leaving.add(slot);
                    over--;
                }
            }
        }
        return leaving;
    }

    private void closeAll(Collection<Slot> leaving) {
        for (Slot slot : leaving) {
            if (!slot.student.isCompletedExceptionally()) {
                close(slot.student.join());
            }
        }
    }

    private void close(LoadedStudent student) {
        student.close();
        synchronized (slots) {
            if (inMemory.remove(student)) {
                gone = gone.plus(student.cacheStatistics().withoutBytes());
            }
        }
    }

    /** Unloads every student, leased or not. */
    @Override
    public void close() {
        List<Slot> all;
        synchronized (slots) {
            all = List.copyOf(slots.values());
            slots.clear();
        }
        closeAll(all);
        baseLock.lock();
        try {
            if (base != null) {
                base.close();
                base = null;
            }
        } finally {
            baseLock.unlock();
        }
    }
}
