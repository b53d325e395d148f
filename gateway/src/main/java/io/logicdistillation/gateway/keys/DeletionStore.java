package io.logicdistillation.gateway.keys;

import com.github.f4b6a3.uuid.UuidCreator;
import io.logicdistillation.kit.Caller;
import io.logicdistillation.kit.WireJson;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import tools.jackson.databind.json.JsonMapper;

/** Deletions of tenants, each under the lease of the replica that works on it. Thread-safe. */
@Component
@WithDatabase
class DeletionStore {
    private static final Duration LEASE = Duration.ofSeconds(60);
    private static final String NEWEST = "SELECT * FROM tenant_deletions WHERE tenant = ? ORDER BY id DESC LIMIT 1";
    private static final String CLAIM = """
            UPDATE tenant_deletions SET fence = fence + 1, lease_until = :until
            WHERE id = (SELECT id FROM tenant_deletions
                        WHERE state = 'running' AND due_at <= :now AND (lease_until IS NULL OR lease_until < :now)
                        ORDER BY due_at LIMIT 1 FOR UPDATE SKIP LOCKED)
            RETURNING *
            """;

    private final KeyDatabase database;
    private final Clock clock;
    private final JsonMapper json = WireJson.lenient();

    DeletionStore(KeyDatabase database, Clock clock) {
        this.database = database;
        this.clock = clock;
    }

    /** A deletion that this replica works on, until its fence is not the newest any more. */
    record Claim(TenantDeletion deletion, long fence) {}

    Optional<TenantDeletion> newest(String tenant) {
        return database.in(KeyDatabase.ALL_TENANTS, transaction -> newest(transaction, tenant));
    }

    Optional<TenantDeletion> newest(JdbcClient transaction, String tenant) {
        return transaction
                .sql(NEWEST)
                .param(tenant)
                .query((row, number) -> deletion(row))
                .optional();
    }

    void insert(JdbcClient transaction, Caller caller, String tenant, @Nullable String reason) {
        transaction
                .sql("""
                        INSERT INTO tenant_deletions (id, tenant, state, requested_at, requested_by, reason, report, due_at)
                        VALUES (:id, :tenant, 'running', :now, :by, :reason, '[]', :now)
                        """)
                .param("id", UuidCreator.getTimeOrderedEpoch())
                .param("tenant", tenant)
                .param("now", clock.instant().atOffset(ZoneOffset.UTC))
                .param("by", caller.name())
                .param("reason", reason, Types.VARCHAR)
                .update();
    }

    /** One that nobody works on. */
    Optional<Claim> claim() {
        Instant now = clock.instant();
        return database.in(
                KeyDatabase.ALL_TENANTS,
                transaction -> transaction
                        .sql(CLAIM)
                        .param("now", now.atOffset(ZoneOffset.UTC))
                        .param("until", now.plus(LEASE).atOffset(ZoneOffset.UTC))
                        .query((row, number) -> new Claim(deletion(row), row.getLong("fence")))
                        .optional());
    }

    /** Writes down how far it has come, and keeps the lease. @return false if another replica has taken over */
    boolean save(Claim claim, List<TenantDeletion.Part> report) {
        return update(claim, report, null, clock.instant().plus(LEASE), null);
    }

    /** Gives it back, to be taken up again then. */
    boolean pause(Claim claim, List<TenantDeletion.Part> report, @Nullable String problem, Instant due) {
        return update(claim, report, problem, null, due);
    }

    private boolean update(
            Claim claim,
            List<TenantDeletion.Part> report,
            @Nullable String problem,
            @Nullable Instant lease,
            @Nullable Instant due) {
        return database.in(
                KeyDatabase.ALL_TENANTS,
                transaction -> transaction
                                .sql("""
                        UPDATE tenant_deletions
                        SET report = CAST(:report AS json), problem = :problem, lease_until = :lease,
                            due_at = coalesce(CAST(:due AS timestamptz), due_at)
                        WHERE id = :id AND fence = :fence AND state = 'running'
                        """)
                                .param("report", json.writeValueAsString(report))
                                .param("problem", problem, Types.VARCHAR)
                                .param(
                                        "lease",
                                        lease == null ? null : lease.atOffset(ZoneOffset.UTC),
                                        Types.TIMESTAMP_WITH_TIMEZONE)
                                .param(
                                        "due",
                                        due == null ? null : due.atOffset(ZoneOffset.UTC),
                                        Types.TIMESTAMP_WITH_TIMEZONE)
                                .param("id", UUID.fromString(claim.deletion().id()))
                                .param("fence", claim.fence())
                                .update()
                        == 1);
    }

    /** The end of it, with its entry in the record of changes. */
    void complete(Claim claim, List<TenantDeletion.Part> report, Caller by) {
        TenantDeletion deletion = claim.deletion();
        database.in(KeyDatabase.ALL_TENANTS, transaction -> {
            boolean ours = transaction
                            .sql("""
                            UPDATE tenant_deletions
                            SET state = 'completed', report = CAST(:report AS json), problem = NULL, lease_until = NULL,
                                finished_at = :now
                            WHERE id = :id AND fence = :fence AND state = 'running'
                            """)
                            .param("report", json.writeValueAsString(report))
                            .param("now", clock.instant().atOffset(ZoneOffset.UTC))
                            .param("id", UUID.fromString(deletion.id()))
                            .param("fence", claim.fence())
                            .update()
                    == 1;
            if (ours) {
                long rows =
                        report.stream().mapToLong(part -> part.before().total()).sum();
                long files =
                        report.stream().mapToLong(part -> part.before().files()).sum();
                AuditTrail.record(
                        transaction,
                        by,
                        deletion.tenant(),
                        new AuditTrail.Change(
                                "tenant-deleted",
                                deletion.tenant(),
                                rows + " rows and " + files + " files were there, none is left; deletion "
                                        + deletion.id(),
                                deletion.reason()));
            }
            return ours;
        });
    }

    private TenantDeletion deletion(ResultSet row) throws SQLException {
        return new TenantDeletion(
                row.getString("id"),
                row.getString("tenant"),
                row.getString("state"),
                required(row, "requested_at"),
                row.getString("requested_by"),
                row.getString("reason"),
                row.getString("problem"),
                KeyRows.instant(row, "finished_at"),
                Arrays.asList(json.readValue(row.getString("report"), TenantDeletion.Part[].class)));
    }

    private static Instant required(ResultSet row, String column) throws SQLException {
        return row.getObject(column, java.time.OffsetDateTime.class).toInstant();
    }
}
