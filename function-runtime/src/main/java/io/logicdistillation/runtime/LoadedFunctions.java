package io.logicdistillation.runtime;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The functions that were loaded, by tenant and source; the least recently called leave first.
 *
 * @param <T> what a language keeps of a loaded function
 */
final class LoadedFunctions<T> {

    // A string keeps its hash code, so that looking a function up costs one comparison of the source.
    private record Key(String tenant, String source) {
        static Key of(FunctionCall call) {
            return new Key(call.tenant(), call.source());
        }
    }

    private final int capacity;
    private final LinkedHashMap<Key, T> functions = new LinkedHashMap<>(16, 0.75f, true);

    LoadedFunctions(int capacity) {
        this.capacity = capacity;
    }

    @Nullable
    T get(FunctionCall call) {
        Key key = Key.of(call);
        synchronized (functions) {
            return functions.get(key);
        }
    }

    void put(FunctionCall call, T function) {
        Key key = Key.of(call);
        synchronized (functions) {
            functions.put(key, function);
            if (functions.size() > capacity) {
                Map.Entry<Key, T> eldest = functions.firstEntry();
                functions.remove(eldest.getKey());
            }
        }
    }

    void clear() {
        synchronized (functions) {
            functions.clear();
        }
    }
}
