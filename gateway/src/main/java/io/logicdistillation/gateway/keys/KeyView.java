package io.logicdistillation.gateway.keys;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is told of a key: everything but its secret.
 *
 * @param prefix how the secret begins, by which its holder knows it
 * @param role whose scopes it was given; null where scopes were named one by one
 * @param state {@code active}, {@code expired} or {@code revoked}
 * @param previousValidUntil until when the secret before the last rotation still opens; null where it does not
 * @param lastUsedAt to within half a minute; null if never
 */
record KeyView(
        String id,
        String tenant,
        String name,
        String prefix,
        @Nullable String role,
        List<String> scopes,
        String state,
        Instant createdAt,
        String createdBy,
        @Nullable Instant expiresAt,
        @Nullable Instant previousValidUntil,
        @Nullable Instant lastUsedAt,
        @Nullable Instant revokedAt,
        @Nullable String revokedBy) {}
