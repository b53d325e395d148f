package io.logicdistillation.gateway.keys;

import io.logicdistillation.gateway.callers.Recognised;
import io.logicdistillation.kit.Sha256;
import java.security.MessageDigest;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The keys that open the door. Each look-up compares the presented key's SHA-256 with every stored one in constant time and
 * never stops early, so its duration tells nothing about the keys. Immutable.
 */
final class ApiKeys {
    static final String PREFIX = "ld_";
    private static final int LONGEST_KEY = 256;

    private final List<Entry> entries;

    ApiKeys(List<ApiKey> keys) {
        this.entries = keys.stream()
                .map(key -> new Entry(key.digest(), new Recognised(key.caller(), "file " + key.sha256(), null)))
                .toList();
    }

    /** Whom the key belongs to; null if it is none of ours. */
    @Nullable
    Recognised find(String key) {
        if (!key.startsWith(PREFIX) || key.length() > LONGEST_KEY) {
            return null;
        }
        byte[] presented = Sha256.bytes(key);
        Recognised found = null;
        for (Entry entry : entries) {
            if (MessageDigest.isEqual(presented, entry.digest)) {
                found = entry.recognised;
            }
        }
        return found;
    }

    /** Whether a key of the tenant has this name: the record of changes says who by name. */
    boolean hasName(String tenant, String name) {
        return entries.stream()
                .map(entry -> entry.recognised.caller())
                .anyMatch(caller ->
                        caller.tenant().equals(tenant) && caller.name().equals(name));
    }

    boolean hasTenant(String tenant) {
        return entries.stream()
                .anyMatch(entry -> entry.recognised.caller().tenant().equals(tenant));
    }

    int size() {
        return entries.size();
    }

    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Entry(byte[] digest, Recognised recognised) {}
}
