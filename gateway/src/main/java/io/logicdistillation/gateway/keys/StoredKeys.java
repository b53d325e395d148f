package io.logicdistillation.gateway.keys;

import io.logicdistillation.gateway.callers.ClosedTenants;
import io.logicdistillation.gateway.callers.Credentials;
import io.logicdistillation.gateway.callers.Recognised;
import io.logicdistillation.kit.Caller;
import io.logicdistillation.kit.Sha256;
import java.security.MessageDigest;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.annotation.Order;
import org.springframework.dao.DataAccessException;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;
import org.springframework.transaction.TransactionException;

/**
 * The database's keys in memory, read again when their revision changes; so recognising one costs a look-up and no query, and
 * goes on while the database is away. Thread-safe.
 */
@Component
@WithDatabase
@Order(2)
class StoredKeys implements Credentials, ClosedTenants {
    private static final Logger log = LoggerFactory.getLogger(StoredKeys.class);

    private final KeyDatabase database;
    private final LastUses uses;
    private final Clock clock;
    private volatile Loaded loaded;

    StoredKeys(KeyDatabase database, LastUses uses, Clock clock) {
        this.database = database;
        this.uses = uses;
        this.clock = clock;
        this.loaded = load();
    }

    /** The prefix is no secret and finds the candidate; what is secret is compared in constant time. */
    @Override
    public @Nullable Recognised find(String bearer) {
        String prefix = Secret.prefixOf(bearer);
        Entry entry = prefix == null ? null : loaded.byPrefix.get(prefix);
        if (entry == null || !MessageDigest.isEqual(entry.sha256, Sha256.bytes(bearer))) {
            return null;
        }
        Instant now = clock.instant();
        if (isPast(entry.validUntil, now) || isPast(entry.recognised.expiresAt(), now)) {
            return null;
        }
        uses.note(entry.id, now);
        return entry.recognised;
    }

    @Override
    public boolean isClosed(String tenant) {
        return loaded.closed.contains(tenant);
    }

    /** Reads the keys where they have changed since. A database that is away leaves them as they were. */
    @Scheduled(fixedDelayString = "${platform.keys-poll:1s}")
    void refresh() {
        try {
            long revision = database.in(
                    KeyDatabase.ALL_TENANTS,
                    transaction -> transaction
                            .sql("SELECT value FROM revision")
                            .query(Long.class)
                            .single());
            if (revision != loaded.revision) {
                loaded = load();
            }
        } catch (DataAccessException | TransactionException failure) {
            log.warn("The keys stay as they were, their database can not be read: {}", failure.toString());
        }
    }

    private Loaded load() {
        return database.in(KeyDatabase.ALL_TENANTS, transaction -> {
            // The revision first: what changes in between is read again next time.
            long revision = transaction
                    .sql("SELECT value FROM revision")
                    .query(Long.class)
                    .single();
            Map<String, Entry> entries = transaction.sql("""
                            SELECT s.prefix, s.sha256, s.valid_until, k.id, k.tenant, k.name, k.scopes, k.expires_at
                            FROM key_secrets s JOIN keys k ON k.id = s.key_id
                            WHERE k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > now())
                              AND (s.valid_until IS NULL OR s.valid_until > now())
                            """).query((row, number) -> Entry.of(row)).list().stream()
                    .collect(Collectors.toUnmodifiableMap(Entry::prefix, entry -> entry));
            Set<String> closed = Set.copyOf(transaction
                    .sql("SELECT name FROM tenants WHERE closed_at IS NOT NULL")
                    .query(String.class)
                    .list());
            return new Loaded(revision, entries, closed);
        });
    }

    private static boolean isPast(@Nullable Instant end, Instant now) {
        return end != null && !end.isAfter(now);
    }

    private record Loaded(long revision, Map<String, Entry> byPrefix, Set<String> closed) {}

    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Entry(
            String prefix,
            byte[] sha256,
            UUID id,
            Recognised recognised,
            @Nullable Instant validUntil) {
        static Entry of(ResultSet row) throws SQLException {
            Caller caller = new Caller(
                    row.getString("tenant"),
                    row.getString("name"),
                    new HashSet<>(Grant.parse(row.getString("scopes"))));
            UUID id = row.getObject("id", UUID.class);
            return new Entry(
                    row.getString("prefix"),
                    row.getBytes("sha256"),
                    id,
                    new Recognised(caller, "key " + id, KeyRows.instant(row, "expires_at")),
                    KeyRows.instant(row, "valid_until"));
        }
    }
}
