package io.logicdistillation.inference.engine;

import io.logicdistillation.kit.Sha256;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Scores that were computed before. A student's scores depend on nothing but the question, to the last bit, so one that is remembered is the
 * one that would be computed; whoever asks the same while it is being computed waits for it. Questions are kept as hashes only. The least
 * recently used leaves first. Thread-safe.
 */
final class ScoreMemory {
    private final Map<String, CompletableFuture<Scores>> kept;

    /** @param most scores to keep; none are where it is 0 */
    ScoreMemory(int most) {
        this.kept = new LinkedHashMap<>(16, 0.75f, true) {
            private static final long serialVersionUID = 1L;

            @Override
            protected boolean removeEldestEntry(Map.Entry<String, CompletableFuture<Scores>> eldest) {
                return size() > most;
            }
        };
    }

    /**
     * @param canonical the request's entries in an order that does not depend on the caller's, which is that of the scores too
     * @param compute whose failure is the failure of all who wait for it, and is not kept
     */
    Scores get(ScoringRequest request, List<Entry> canonical, Supplier<Scores> compute) {
        String key = key(request, canonical);
        CompletableFuture<Scores> own = new CompletableFuture<>();
        CompletableFuture<Scores> found = putIfAbsent(key, own);
        if (found != null) {
            return joined(found).remembered();
        }
        try {
            Scores computed = compute.get();
            own.complete(computed);
            return computed;
        } catch (RuntimeException | Error failure) {
            synchronized (kept) {
                kept.remove(key, own);
            }
            own.completeExceptionally(failure);
            throw failure;
        }
    }

    private @Nullable CompletableFuture<Scores> putIfAbsent(String key, CompletableFuture<Scores> own) {
        synchronized (kept) {
            CompletableFuture<Scores> found = kept.get(key);
            if (found == null) {
                kept.put(key, own);
            }
            return found;
        }
    }

    private static Scores joined(CompletableFuture<Scores> other) {
        try {
            return other.join();
        } catch (CompletionException failed) {
            throw failed.getCause() instanceof EngineException told
                    ? new EngineException(told.kind(), String.valueOf(told.getMessage()), told)
                    : failed;
        }
    }

    private static String key(ScoringRequest request, List<Entry> canonical) {
        MessageDigest digest = Sha256.digest();
        add(digest, request.way().name());
        add(digest, String.valueOf(request.joins()));
        add(digest, request.stage());
        add(digest, request.prefix());
        add(digest, request.context());
        add(digest, request.view());
        for (Entry entry : canonical) {
            add(digest, entry.name());
            add(digest, entry.handle());
            add(digest, entry.manual());
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    /** With its length, so that no two lists of texts run together alike. */
    private static void add(MessageDigest digest, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        digest.update(new byte[] {
            (byte) (bytes.length >>> 24), (byte) (bytes.length >>> 16), (byte) (bytes.length >>> 8), (byte) bytes.length
        });
        digest.update(bytes);
    }
}
