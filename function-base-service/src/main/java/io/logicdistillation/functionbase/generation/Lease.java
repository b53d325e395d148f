package io.logicdistillation.functionbase.generation;

import java.util.UUID;

/**
 * A worker's hold on a generation.
 *
 * @param fence higher than that of every worker before
 */
record Lease(String tenant, UUID id, long fence) {}
