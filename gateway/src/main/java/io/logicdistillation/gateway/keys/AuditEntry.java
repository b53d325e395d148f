package io.logicdistillation.gateway.keys;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One change of who may do what.
 *
 * @param action {@code key-created}, {@code key-rotated}, {@code key-revoked}, {@code tenant-created},
 *     {@code tenant-closed} (its deletion begins) or {@code tenant-deleted}
 * @param subject id of the key, or name of the tenant
 * @param detail what it was changed to, in words
 */
record AuditEntry(
        String id,
        Instant at,
        String tenant,
        String by,
        String action,
        String subject,
        @Nullable String detail,
        @Nullable String reason) {}
