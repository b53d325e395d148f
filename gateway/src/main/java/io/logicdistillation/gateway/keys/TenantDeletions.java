package io.logicdistillation.gateway.keys;

import io.logicdistillation.contracts.Names;
import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.contracts.ProblemType;
import io.logicdistillation.kit.Caller;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** Orders deletions of tenants; {@link TenantEraser} carries them out. Thread-safe. */
@Component
@WithDatabase
class TenantDeletions {
    private final KeyDatabase database;
    private final DeletionStore store;
    private final KeyFile file;
    private final StoredKeys known;
    private final TenantKeepers keepers;

    TenantDeletions(KeyDatabase database, DeletionStore store, KeyFile file, StoredKeys known, TenantKeepers keepers) {
        this.database = database;
        this.store = store;
        this.file = file;
        this.known = known;
        this.keepers = keepers;
    }

    /**
     * Closes the tenant, whose keys and tokens open nothing from then on, and has its data deleted. To order it again changes nothing.
     *
     * @throws PlatformException {@link ProblemType#UNKNOWN_TENANT} if nobody has ever heard of it
     */
    TenantDeletion order(Caller caller, String tenant, @Nullable String reason) {
        Names.requireName("tenant", tenant);
        AuditTrail.checked(reason);
        if (!isKnown(tenant)) {
            throw unknown(tenant);
        }
        TenantDeletion ordered = database.in(KeyDatabase.ALL_TENANTS, transaction -> {
            if (close(transaction, caller, tenant)) {
                store.insert(transaction, caller, tenant, reason);
                AuditTrail.record(
                        transaction, caller, tenant, new AuditTrail.Change("tenant-closed", tenant, null, reason));
            }
            return store.newest(transaction, tenant).orElseThrow(() -> unknown(tenant));
        });
        known.refresh();
        return ordered;
    }

    /** The newest one. @throws PlatformException {@link ProblemType#UNKNOWN_TENANT} if there was none */
    TenantDeletion get(String tenant) {
        return store.newest(Names.requireName("tenant", tenant)).orElseThrow(() -> unknown(tenant));
    }

    /** @return false if it is closed already */
    private static boolean close(JdbcClient transaction, Caller caller, String tenant) {
        return transaction
                        .sql("""
                        INSERT INTO tenants (name, created_by, closed_at) VALUES (:name, :by, now())
                        ON CONFLICT (name) DO UPDATE SET closed_at = now() WHERE tenants.closed_at IS NULL
                        """)
                        .param("name", tenant)
                        .param("by", caller.name())
                        .update()
                > 0;
    }

    /** A tenant of the issuer's people alone is known by what it has. */
    private boolean isKnown(String tenant) {
        boolean named = database.in(
                KeyDatabase.ALL_TENANTS,
                transaction -> transaction
                        .sql("SELECT 1 FROM tenants WHERE name = ?")
                        .param(tenant)
                        .query(Integer.class)
                        .optional()
                        .isPresent());
        return named
                || file.keys().hasTenant(tenant)
                || keepers.all().stream()
                        .anyMatch(keeper -> !keeper.count(tenant).holdsNothing());
    }

    private static PlatformException unknown(String tenant) {
        return new PlatformException(ProblemType.UNKNOWN_TENANT, "There is no tenant '" + tenant + "' to delete");
    }
}
