package io.logicdistillation.gateway.callers;

/** Tenants whose data is being deleted, or was. Implementations are thread-safe. */
@FunctionalInterface
public interface ClosedTenants {
    boolean isClosed(String tenant);
}
