package io.logicdistillation.gateway.keys;

import io.logicdistillation.contracts.Names;
import io.logicdistillation.contracts.Page;
import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.contracts.ProblemType;
import io.logicdistillation.gateway.callers.CallerAuthentication;
import io.logicdistillation.kit.Caller;
import io.logicdistillation.kit.Paging;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** Whose data there is. Only a caller of the tenant {@code *} makes tenants, and sees others than its own. Thread-safe. */
@Component
@WithDatabase
class Tenants {
    private final KeyDatabase database;

    Tenants(KeyDatabase database) {
        this.database = database;
    }

    record TenantView(String name, Instant createdAt, String createdBy) {}

    static boolean isForAll(Caller caller) {
        return CallerAuthentication.looksAfterAll(caller);
    }

    /**
     * A tenant that was deleted may be made again, and has nothing then.
     *
     * @throws PlatformException {@link ProblemType#FORBIDDEN}; {@link ProblemType#CONFLICT} if there is one of the name, or one is
     *     being deleted
     */
    TenantView create(Caller caller, String name, @Nullable String reason) {
        if (!isForAll(caller)) {
            throw new PlatformException(ProblemType.FORBIDDEN, "Only a key of the tenant * makes tenants");
        }
        Names.requireName("name", name);
        AuditTrail.checked(reason);
        return database.in(caller.tenant(), transaction -> {
            if (!insert(transaction, caller, name) && !reopen(transaction, caller, name)) {
                throw new PlatformException(
                        ProblemType.CONFLICT, "There is a tenant '" + name + "', or it is being deleted");
            }
            AuditTrail.record(transaction, caller, name, new AuditTrail.Change("tenant-created", name, null, reason));
            return page(transaction, name, "", 1).getFirst();
        });
    }

    /** By name: the caller's own, or all for who looks after the platform. */
    Page<TenantView> page(Caller caller, Paging paging) {
        List<TenantView> found = database.in(caller.tenant(), transaction -> {
            if (!isForAll(caller)) {
                insert(transaction, caller, caller.tenant());
            }
            return page(transaction, caller.tenant(), paging.after(), paging.fetch());
        });
        return paging.page(found, TenantView::name);
    }

    /**
     * The caller's own tenant is there because the caller is; it may come from the file of keys or from an issuer.
     *
     * @throws PlatformException {@link ProblemType#UNKNOWN_TENANT} also where the caller may not see the tenant
     */
    void require(JdbcClient transaction, Caller caller, String tenant) {
        if (tenant.equals(caller.tenant())) {
            insert(transaction, caller, tenant);
        } else if (!isForAll(caller)
                || transaction
                        .sql("SELECT 1 FROM tenants WHERE name = ? AND closed_at IS NULL")
                        .param(tenant)
                        .query(Integer.class)
                        .optional()
                        .isEmpty()) {
            throw new PlatformException(ProblemType.UNKNOWN_TENANT, "There is no tenant '" + tenant + "'");
        }
    }

    private static boolean insert(JdbcClient transaction, Caller caller, String name) {
        return transaction
                        .sql("INSERT INTO tenants (name, created_by) VALUES (?, ?) ON CONFLICT DO NOTHING")
                        .params(name, caller.name())
                        .update()
                > 0;
    }

    private static boolean reopen(JdbcClient transaction, Caller caller, String name) {
        return transaction
                        .sql("""
                                UPDATE tenants SET closed_at = NULL, created_at = now(), created_by = :by
                                WHERE name = :name AND closed_at IS NOT NULL AND NOT EXISTS (
                                    SELECT 1 FROM tenant_deletions WHERE tenant = :name AND state = 'running')
                                """)
                        .param("by", caller.name())
                        .param("name", name)
                        .update()
                > 0;
    }

    private static List<TenantView> page(JdbcClient transaction, String tenant, String after, int limit) {
        return transaction
                .sql("""
                        SELECT name, created_at, created_by FROM tenants
                        WHERE (name = :tenant OR (:tenant = '*' AND name <> '*')) AND name > :after
                          AND closed_at IS NULL
                        ORDER BY name LIMIT :limit
                        """)
                .param("tenant", tenant)
                .param("after", after)
                .param("limit", limit)
                .query((row, number) -> new TenantView(
                        row.getString("name"),
                        row.getObject("created_at", OffsetDateTime.class).toInstant(),
                        row.getString("created_by")))
                .list();
    }
}
