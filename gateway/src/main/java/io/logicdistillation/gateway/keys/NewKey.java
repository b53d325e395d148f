package io.logicdistillation.gateway.keys;

import io.logicdistillation.contracts.Names;
import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.contracts.ProblemType;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The order of a key.
 *
 * @param tenant null for the caller's own
 * @param role either this or {@code scopes}
 * @param expiresAt null for never
 * @param reason kept in the record of changes
 */
record NewKey(
        String name,
        @Nullable String tenant,
        @Nullable String role,
        @Nullable List<String> scopes,
        @Nullable Instant expiresAt,
        @Nullable String reason) {
    NewKey {
        Names.requireName("name", name);
        AuditTrail.checked(reason);
    }

    Grant grant() {
        return Grant.of(role, scopes);
    }

    /** @throws PlatformException {@link ProblemType#INVALID_REQUEST} for an end that lies behind */
    void requireFuture(Instant now) {
        if (expiresAt != null && !expiresAt.isAfter(now)) {
            throw new PlatformException(ProblemType.INVALID_REQUEST, "expiresAt lies in the past");
        }
    }
}
