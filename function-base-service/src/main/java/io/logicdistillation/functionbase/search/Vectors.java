package io.logicdistillation.functionbase.search;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.logicdistillation.functionbase.embedding.Embedder;
import org.springframework.stereotype.Component;

/** Embeds a text once: states in words recur, within an episode and between episodes. Thread-safe. */
@Component
final class Vectors {
    /** Of 1.5 KB each, and at most 4 KB of text. */
    private static final int KEPT = 4_096;

    private final Embedder embedder;
    private final Cache<String, float[]> known =
            Caffeine.newBuilder().maximumSize(KEPT).build();

    Vectors(Embedder embedder) {
        this.embedder = embedder;
    }

    /** The text's vector, which must not be changed. */
    float[] of(String text) {
        return known.get(text, embedder::embed);
    }
}
