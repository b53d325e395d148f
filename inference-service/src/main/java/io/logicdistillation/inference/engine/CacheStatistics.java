package io.logicdistillation.inference.engine;

/** Counts since loading, and the bytes held now, of one student's cached keys and values. */
public record CacheStatistics(long hits, long misses, long bytes) {}
