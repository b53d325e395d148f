package io.logicdistillation.distillation.datasets;

import com.fasterxml.jackson.annotation.JsonIgnore;
import java.time.Instant;

/**
 * A dataset as clients see it.
 *
 * @param number its row; not for clients
 * @param heldOut the share of episodes that are kept for tests
 * @param seed draws which ones
 * @param rows how many there are now
 */
public record Dataset(
        @JsonIgnore long number,
        String id,
        String name,
        String task,
        double heldOut,
        long seed,
        long rows,
        String createdBy,
        Instant createdAt) {}
