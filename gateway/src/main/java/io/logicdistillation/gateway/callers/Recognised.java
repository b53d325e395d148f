package io.logicdistillation.gateway.callers;

import io.logicdistillation.kit.Caller;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Whom a credential belongs to.
 *
 * @param id what limits are counted by: the same for every request of one key or person, different for any two of them
 * @param expiresAt when the credential ends by itself; null if never
 */
public record Recognised(Caller caller, String id, @Nullable Instant expiresAt) {}
