package io.logicdistillation.inference.decisionlog;

import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.contracts.ProblemType;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.jdbc.CannotGetJdbcConnectionException;
import org.springframework.jdbc.core.namedparam.NamedParameterJdbcOperations;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.TransactionSystemException;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Transactions that see one tenant's rows alone: the database's row-level security is told whose they are. Work must bear
 * being done twice: it is tried again where its connection turns out to have died in the pool. Thread-safe.
 */
public final class TenantTransactions {
    private static final String EVERYBODY = "*";
    private static final String TENANT = "tenant";
    private static final String TELL = "SELECT set_config('platform.tenant', :tenant, true)";
    /** SQLSTATE of ISO/IEC 9075. */
    private static final String TRANSACTION_RESOLUTION_UNKNOWN = "08007";

    private static final Duration LATEST_RETRY = Duration.ofSeconds(1);

    private final TransactionTemplate transactions;
    private final JdbcClient jdbc;
    private final NamedParameterJdbcOperations statements;
    private final Runnable dropIdleConnections;

    /** @param dropIdleConnections makes the pool open new ones, because the old ones' server has gone */
    TenantTransactions(
            TransactionTemplate transactions,
            JdbcClient jdbc,
            NamedParameterJdbcOperations statements,
            Runnable dropIdleConnections) {
        this.transactions = transactions;
        this.jdbc = jdbc;
        this.statements = statements;
        this.dropIdleConnections = dropIdleConnections;
    }

    public <T extends @Nullable Object> T of(String tenant, Function<JdbcClient, T> work) {
        return in(requireTenant(tenant), work);
    }

    private static String requireTenant(String tenant) {
        if (tenant.equals(EVERYBODY)) {
            throw new PlatformException(ProblemType.FORBIDDEN, "This is no tenant's name");
        }
        return tenant;
    }

    /** Housekeeping over all tenants. */
    public <T extends @Nullable Object> T ofEverybody(Function<JdbcClient, T> work) {
        return in(EVERYBODY, work);
    }

    /**
     * One statement as a transaction of its own. The driver sends both texts with a single end, so Postgres names the tenant, does the
     * work and commits in one round trip instead of four.
     *
     * @return rows that were changed
     */
    public int update(String tenant, String sql, Map<String, ? extends @Nullable Object> parameters) {
        Map<String, @Nullable Object> all = new HashMap<>(parameters);
        all.put(TENANT, requireTenant(tenant));
        return retried(() -> statements.execute(TELL + "; " + sql, all, statement -> {
            statement.execute();
            statement.getMoreResults();
            return statement.getUpdateCount();
        }));
    }

    private <T extends @Nullable Object> T in(String tenant, Function<JdbcClient, T> work) {
        return retried(() -> once(tenant, work));
    }

    private <T extends @Nullable Object> T retried(Supplier<T> work) {
        long start = System.nanoTime();
        try {
            return work.get();
        } catch (DataAccessResourceFailureException lost) {
            dropIdleConnections.run();
            if (lost instanceof CannotGetJdbcConnectionException
                    || System.nanoTime() - start > LATEST_RETRY.toNanos()) {
                throw lost;
            }
            return work.get();
        }
    }

    @SuppressWarnings("NullAway") // the template gives back what the callback does, null or not
    private <T extends @Nullable Object> T once(String tenant, Function<JdbcClient, T> work) {
        try {
            return transactions.execute(status -> {
                jdbc.sql(TELL).param(TENANT, tenant).query(String.class).single();
                return work.apply(jdbc);
            });
        } catch (TransactionSystemException overridden) {
            // A lost connection can not be rolled back either; what lost it says more.
            if (overridden.getOriginalException() instanceof RuntimeException original) {
                throw original;
            }
            // Nothing was thrown before: the commit itself found nobody.
            throw new DataAccessResourceFailureException(
                    "The transaction could not be ended",
                    new SQLException(overridden.getMessage(), TRANSACTION_RESOLUTION_UNKNOWN, overridden));
        }
    }
}
