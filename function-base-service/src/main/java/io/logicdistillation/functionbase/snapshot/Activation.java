package io.logicdistillation.functionbase.snapshot;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Who made a snapshot the one that decides, when and why. */
public record Activation(
        String task,
        String snapshot,
        int number,
        Instant activatedAt,
        String activatedBy,
        @Nullable String reason) {}
