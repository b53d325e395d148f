package io.logicdistillation.inference.sandbox;

import io.logicdistillation.runtime.EntryPoint;
import io.logicdistillation.runtime.FunctionCall;
import java.util.LinkedHashMap;
import java.util.Map;

/** Remembers which sources were called lately, the last ones of a bounded number. Thread-safe. */
final class LoadedSources {
    private final Map<Key, Boolean> recent;

    LoadedSources(int capacity) {
        this.recent = new LinkedHashMap<>(16, 0.75f, true) {
            private static final long serialVersionUID = 1L;

            @Override
            protected boolean removeEldestEntry(Map.Entry<Key, Boolean> eldest) {
                return size() > capacity;
            }
        };
    }

    /** Whether this source was not called lately; from now on it was. */
    synchronized boolean isNew(FunctionCall call) {
        return recent.put(Key.of(call), true) == null;
    }

    synchronized void forget(FunctionCall call) {
        recent.remove(Key.of(call));
    }

    private record Key(String tenant, String source, EntryPoint entryPoint) {
        static Key of(FunctionCall call) {
            return new Key(call.tenant(), call.source(), call.entryPoint());
        }
    }
}
