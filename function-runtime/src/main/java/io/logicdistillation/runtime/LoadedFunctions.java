package io.logicdistillation.runtime;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The functions that were loaded, by tenant and hash of the source; the least recently called leave first. */
final class LoadedFunctions {

    private record Key(String tenant, String sha256) {
        static Key of(FunctionCall call) {
            try {
                byte[] digest = MessageDigest.getInstance("SHA-256")
                        .digest(call.source().getBytes(StandardCharsets.UTF_8));
                return new Key(call.tenant(), HexFormat.of().formatHex(digest));
            } catch (NoSuchAlgorithmException impossible) {
                throw new IllegalStateException(impossible);
            }
        }
    }

    private final int capacity;
    private final LinkedHashMap<Key, LoadedFunction> functions = new LinkedHashMap<>(16, 0.75f, true);

    LoadedFunctions(int capacity) {
        this.capacity = capacity;
    }

    @Nullable
    LoadedFunction get(FunctionCall call) {
        Key key = Key.of(call);
        synchronized (functions) {
            return functions.get(key);
        }
    }

    void put(FunctionCall call, LoadedFunction function) {
        Key key = Key.of(call);
        synchronized (functions) {
            functions.put(key, function);
            if (functions.size() > capacity) {
                Map.Entry<Key, LoadedFunction> eldest = functions.firstEntry();
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
