package io.logicdistillation.functionbase.audit;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One change of a task or of what belongs to it.
 *
 * @param subject what was changed: a name or a hash
 */
public record AuditEntry(
        String id,
        String task,
        Instant at,
        String by,
        String action,
        String subject,
        @Nullable String reason) {}
