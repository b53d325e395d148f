package io.logicdistillation.gateway.keys;

import com.github.f4b6a3.uuid.UuidCreator;
import io.logicdistillation.contracts.Page;
import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.contracts.ProblemType;
import io.logicdistillation.kit.Caller;
import io.logicdistillation.kit.Paging;
import java.sql.Types;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * The keys of the database. A caller reaches those of its own tenant; one of the tenant {@code *} reaches all. Every change and
 * its record are one transaction. Thread-safe.
 */
@Component
@WithDatabase
class KeyStore {
    private static final String COLUMNS = """
            SELECT k.id, k.tenant, k.name, k.role, k.scopes, k.created_at, k.created_by, k.expires_at, k.last_used_at,
                   k.revoked_at, k.revoked_by,
                   (SELECT s.prefix FROM key_secrets s WHERE s.key_id = k.id ORDER BY s.created_at DESC LIMIT 1) AS prefix,
                   (SELECT max(s.valid_until) FROM key_secrets s WHERE s.key_id = k.id AND s.valid_until > :now) AS previous
            FROM keys k
            """;

    private final KeyDatabase database;
    private final KeyFile file;
    private final Tenants tenants;
    private final Clock clock;

    KeyStore(KeyDatabase database, KeyFile file, Tenants tenants, Clock clock) {
        this.database = database;
        this.file = file;
        this.tenants = tenants;
        this.clock = clock;
    }

    /**
     * Makes a key.
     *
     * @throws PlatformException {@link ProblemType#FORBIDDEN} if the caller lacks what the key is to have;
     *     {@link ProblemType#UNKNOWN_TENANT}; {@link ProblemType#CONFLICT} if a key of the tenant has the name
     */
    IssuedKey create(Caller caller, NewKey order) {
        order.requireFuture(clock.instant());
        Grant grant = order.grant();
        Grant.check(caller, grant.scopes());
        String tenant = order.tenant() == null ? caller.tenant() : order.tenant();
        UUID id = UuidCreator.getTimeOrderedEpoch();
        Secret secret = Secret.random();
        try {
            return database.in(caller.tenant(), transaction -> {
                tenants.require(transaction, caller, tenant);
                if (file.keys().hasName(tenant, order.name())) {
                    throw taken(order.name());
                }
                insert(transaction, caller, id, tenant, order, grant);
                addSecret(transaction, id, tenant, secret);
                String detail = grant.stored() + (order.expiresAt() == null ? "" : ", until " + order.expiresAt());
                AuditTrail.record(
                        transaction,
                        caller,
                        tenant,
                        new AuditTrail.Change(
                                "key-created", id.toString(), order.name() + ": " + detail, order.reason()));
                return new IssuedKey(secret.whole(), required(transaction, id));
            });
        } catch (DuplicateKeyException sameName) {
            throw taken(order.name());
        }
    }

    private static void insert(
            JdbcClient transaction, Caller caller, UUID id, String tenant, NewKey order, Grant grant) {
        transaction
                .sql("""
                        INSERT INTO keys (id, tenant, name, role, scopes, created_by, expires_at)
                        VALUES (:id, :tenant, :name, :role, :scopes, :by, :expires)
                        """)
                .param("id", id)
                .param("tenant", tenant)
                .param("name", order.name())
                .param("role", grant.role() == null ? null : grant.role().wireName(), Types.VARCHAR)
                .param("scopes", grant.stored())
                .param("by", caller.name())
                .param("expires", sql(order.expiresAt()), Types.TIMESTAMP_WITH_TIMEZONE)
                .update();
    }

    private static PlatformException taken(String name) {
        return new PlatformException(ProblemType.CONFLICT, "The tenant has a key of the name '" + name + "'");
    }

    /** Newest first, those that were revoked included. */
    Page<KeyView> page(Caller caller, Paging paging) {
        UUID before = paging.beforeId();
        List<KeyView> found = database.in(
                caller.tenant(),
                transaction -> transaction
                        .sql(COLUMNS + " WHERE (k.tenant = :tenant OR :tenant = '*') AND k.id < :before"
                                + " ORDER BY k.id DESC LIMIT :limit")
                        .param("now", sql(clock.instant()))
                        .param("tenant", caller.tenant())
                        .param("before", before)
                        .param("limit", paging.fetch())
                        .query((row, number) -> KeyRows.view(row, clock.instant()))
                        .list());
        return paging.page(found, KeyView::id);
    }

    /** @throws PlatformException {@link ProblemType#UNKNOWN_KEY} also for a key of another tenant */
    KeyView get(Caller caller, UUID id) {
        return database.in(caller.tenant(), transaction -> own(transaction, caller, id));
    }

    /**
     * Gives the key a new secret; the one before goes on to open for a while, and one before that no longer.
     *
     * @throws PlatformException {@link ProblemType#FORBIDDEN} if the key may do more than the caller, who would learn its
     *     secret; {@link ProblemType#CONFLICT} if it opens nothing any more
     */
    IssuedKey rotate(Caller caller, UUID id, Duration overlap, @Nullable String reason) {
        Secret secret = Secret.random();
        Instant now = clock.instant();
        return database.in(caller.tenant(), transaction -> {
            lock(transaction, id);
            KeyView key = own(transaction, caller, id);
            if (!key.state().equals(KeyRows.ACTIVE)) {
                throw new PlatformException(ProblemType.CONFLICT, "The key is " + key.state() + "; make a new one");
            }
            Grant.check(caller, Grant.parse(String.join(" ", key.scopes())));
            Instant until = now.plus(overlap);
            transaction
                    .sql("UPDATE key_secrets SET valid_until = CASE WHEN valid_until IS NULL THEN :until ELSE :now END"
                            + " WHERE key_id = :id AND (valid_until IS NULL OR valid_until > :now)")
                    .param("until", sql(until))
                    .param("now", sql(now))
                    .param("id", id)
                    .update();
            addSecret(transaction, id, key.tenant(), secret);
            AuditTrail.record(
                    transaction,
                    caller,
                    key.tenant(),
                    new AuditTrail.Change(
                            "key-rotated", key.id(), key.name() + ": the secret before opens until " + until, reason));
            return new IssuedKey(secret.whole(), required(transaction, id));
        });
    }

    /** Ends a key at once; once more is no error and no change. */
    KeyView revoke(Caller caller, UUID id, @Nullable String reason) {
        AuditTrail.checked(reason);
        return database.in(caller.tenant(), transaction -> {
            lock(transaction, id);
            KeyView key = own(transaction, caller, id);
            if (key.revokedAt() != null) {
                return key;
            }
            transaction
                    .sql("UPDATE keys SET revoked_at = :now, revoked_by = :by WHERE id = :id")
                    .param("now", sql(clock.instant()))
                    .param("by", caller.name())
                    .param("id", id)
                    .update();
            AuditTrail.record(
                    transaction,
                    caller,
                    key.tenant(),
                    new AuditTrail.Change("key-revoked", key.id(), key.name(), reason));
            return required(transaction, id);
        });
    }

    private static void lock(JdbcClient transaction, UUID id) {
        transaction
                .sql("SELECT 1 FROM keys WHERE id = ? FOR UPDATE")
                .param(id)
                .query(Integer.class)
                .optional();
    }

    private static void addSecret(JdbcClient transaction, UUID id, String tenant, Secret secret) {
        transaction
                .sql("INSERT INTO key_secrets (prefix, key_id, tenant, sha256) VALUES (?, ?, ?, ?)")
                .params(secret.prefix(), id, tenant, secret.sha256())
                .update();
    }

    private KeyView own(JdbcClient transaction, Caller caller, UUID id) {
        KeyView key = find(transaction, id);
        if (key == null || !(key.tenant().equals(caller.tenant()) || Tenants.isForAll(caller))) {
            throw new PlatformException(ProblemType.UNKNOWN_KEY, "There is no key " + id);
        }
        return key;
    }

    private KeyView required(JdbcClient transaction, UUID id) {
        KeyView key = find(transaction, id);
        if (key == null) {
            throw new IllegalStateException("A key that was just written is not there");
        }
        return key;
    }

    private @Nullable KeyView find(JdbcClient transaction, UUID id) {
        return transaction
                .sql(COLUMNS + " WHERE k.id = :id")
                .param("now", sql(clock.instant()))
                .param("id", id)
                .query((row, number) -> KeyRows.view(row, clock.instant()))
                .optional()
                .orElse(null);
    }

    private static @Nullable OffsetDateTime sql(@Nullable Instant instant) {
        return instant == null ? null : instant.atOffset(ZoneOffset.UTC);
    }
}
