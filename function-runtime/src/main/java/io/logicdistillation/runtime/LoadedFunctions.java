package io.logicdistillation.runtime;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * The functions that were loaded, by tenant and source; the least recently called leave first, when there are too many or they take too
 * much together. Thread-safe.
 *
 * @param <T> what a language keeps of a loaded function
 */
final class LoadedFunctions<T> {

    /** How much of the largest heap they may take together: the rest is for what calls them. */
    private static final int SHARE_OF_HEAP = 6;

    // A string keeps its hash code, so that looking a function up costs one comparison of the source.
    private record Key(String tenant, String source) {
        static Key of(FunctionCall call) {
            return new Key(call.tenant(), call.source());
        }
    }

    private final int capacity;
    private final long mostBytes;
    private final ToLongFunction<T> size;
    private final LinkedHashMap<Key, T> functions = new LinkedHashMap<>(16, 0.75f, true);
    private long bytes;

    /** @param size what one takes, in bytes, beside its source */
    LoadedFunctions(int capacity, ToLongFunction<T> size) {
        this(capacity, Runtime.getRuntime().maxMemory() / SHARE_OF_HEAP, size);
    }

    LoadedFunctions(int capacity, long mostBytes, ToLongFunction<T> size) {
        this.capacity = capacity;
        this.mostBytes = mostBytes;
        this.size = size;
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
            T before = functions.put(key, function);
            bytes += bytes(key, function) - (before == null ? 0 : bytes(key, before));
            while (functions.size() > capacity || (bytes > mostBytes && functions.size() > 1)) {
                Map.Entry<Key, T> eldest = functions.pollFirstEntry();
                bytes -= bytes(eldest.getKey(), eldest.getValue());
            }
        }
    }

    private long bytes(Key key, T function) {
        return key.source().length() + size.applyAsLong(function);
    }

    void clear() {
        synchronized (functions) {
            functions.clear();
            bytes = 0;
        }
    }
}
