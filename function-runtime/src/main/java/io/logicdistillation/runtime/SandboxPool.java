package io.logicdistillation.runtime;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;

/** Idle sandboxes, each for the one tenant that has used it; those of the least recently active tenant leave first. */
final class SandboxPool {

    private final int capacity;
    private final LinkedHashMap<String, Deque<QuickJsSandbox>> idle = new LinkedHashMap<>(16, 0.75f, true);
    private int size;

    SandboxPool(int capacity) {
        this.capacity = capacity;
    }

    QuickJsSandbox take(String tenant) {
        synchronized (this) {
            Deque<QuickJsSandbox> own = idle.get(tenant);
            if (own != null) {
                QuickJsSandbox sandbox = own.pop();
                size--;
                if (own.isEmpty()) {
                    idle.remove(tenant);
                }
                return sandbox;
            }
        }
        return new QuickJsSandbox();
    }

    synchronized void giveBack(String tenant, QuickJsSandbox sandbox) {
        idle.computeIfAbsent(tenant, ignored -> new ArrayDeque<>()).push(sandbox);
        size++;
        while (size > capacity) {
            Map.Entry<String, Deque<QuickJsSandbox>> eldest = idle.firstEntry();
            eldest.getValue().removeLast();
            size--;
            if (eldest.getValue().isEmpty()) {
                idle.remove(eldest.getKey());
            }
        }
    }

    synchronized void clear() {
        idle.clear();
        size = 0;
    }
}
