package io.logicdistillation.runtime;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What was used and waits to be used again, each only by whom it has served; what belongs to the least recently active leaves first.
 * Thread-safe.
 *
 * @param <K> whom a thing may serve
 * @param <T> a sandbox or a process
 */
final class IdlePool<K, T> {

    private final int capacity;
    private final Consumer<T> leaving;
    private final LinkedHashMap<K, Deque<T>> idle = new LinkedHashMap<>(16, 0.75f, true);
    private int size;

    /** @param leaving is given what leaves the pool without being taken */
    IdlePool(int capacity, Consumer<T> leaving) {
        this.capacity = capacity;
        this.leaving = leaving;
    }

    /** The one used last of those that may serve; none if there is none. */
    @Nullable
    synchronized T take(K owner) {
        Deque<T> own = idle.get(owner);
        if (own == null) {
            return null;
        }
        T taken = own.pop();
        size--;
        if (own.isEmpty()) {
            idle.remove(owner);
        }
        return taken;
    }

    void giveBack(K owner, T used) {
        for (T left : add(owner, used)) {
            leaving.accept(left);
        }
    }

    private synchronized List<T> add(K owner, T used) {
        idle.computeIfAbsent(owner, ignored -> new ArrayDeque<>()).push(used);
        size++;
        List<T> left = new ArrayList<>();
        while (size > capacity) {
            Map.Entry<K, Deque<T>> eldest = idle.firstEntry();
            left.add(eldest.getValue().removeLast());
            size--;
            if (eldest.getValue().isEmpty()) {
                idle.remove(eldest.getKey());
            }
        }
        return left;
    }

    void clear() {
        List<T> left = new ArrayList<>();
        synchronized (this) {
            idle.values().forEach(left::addAll);
            idle.clear();
            size = 0;
        }
        left.forEach(leaving);
    }
}
