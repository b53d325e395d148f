package io.logicdistillation.functionbase.background;

import java.util.UUID;

/**
 * A worker's hold on a piece of work.
 *
 * @param fence higher than that of every worker before
 */
public record Lease(String tenant, UUID id, long fence) {}
