package io.logicdistillation.distillation.datasets;

import com.fasterxml.jackson.annotation.JsonIgnore;
import java.time.Instant;

/**
 * The rows of a dataset up to a moment; never changes.
 *
 * @param upTo the number of the last row; not for clients
 * @param sha256 of all rows as the download gives them, both sides of the split together
 */
public record DatasetVersion(
        int version, @JsonIgnore long upTo, long rows, String sha256, String createdBy, Instant createdAt) {}
