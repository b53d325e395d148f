package io.logicdistillation.inference.escalations;

import java.time.Instant;

/**
 * A situation for which the teacher found no function: what a generation should be about.
 *
 * @param view the state in words
 * @param reason the teacher's
 * @param times how often it came up
 */
record Wish(
        String id,
        String task,
        String snapshot,
        String stage,
        String view,
        String reason,
        long times,
        Instant createdAt,
        Instant lastAt) {}
