package io.logicdistillation.functionbase.ban;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Who banned a function, when and why, and who lifted the ban again. */
public record Ban(
        String task,
        String function,
        Instant bannedAt,
        String bannedBy,
        String reason,
        @Nullable Instant liftedAt,
        @Nullable String liftedBy,
        @Nullable String liftedBecause) {}
