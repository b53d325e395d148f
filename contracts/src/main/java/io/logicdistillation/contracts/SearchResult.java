package io.logicdistillation.contracts;

import java.util.List;

/** Candidates by falling score. */
public record SearchResult(String snapshot, List<Hit> candidates) {
    /** @param score fused rank score of vector and full-text search; comparable within one answer only */
    public record Hit(String function, String version, String handle, double score) {}
}
