package io.logicdistillation.inference.engine;

/** Counts since loading, and the bytes held now, of one student's cached keys and values. */
public record CacheStatistics(long hits, long misses, long bytes) {
    static final CacheStatistics NONE = new CacheStatistics(0, 0, 0);

    CacheStatistics plus(CacheStatistics other) {
        return new CacheStatistics(hits + other.hits, misses + other.misses, bytes + other.bytes);
    }

    CacheStatistics withoutBytes() {
        return new CacheStatistics(hits, misses, 0);
    }
}
