package io.logicdistillation.inference.decisionlog;

import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.contracts.ProblemType;
import java.sql.SQLException;
import java.time.Duration;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.jdbc.CannotGetJdbcConnectionException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.TransactionSystemException;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Transactions that see one tenant's rows alone: the database's row-level security is told whose they are. Work must bear
 * being done twice: it is tried again where its connection turns out to have died in the pool. Thread-safe.
 */
public final class TenantTransactions {
    private static final String EVERYBODY = "*";
    /** SQLSTATE of ISO/IEC 9075. */
    private static final String TRANSACTION_RESOLUTION_UNKNOWN = "08007";

    private static final Duration LATEST_RETRY = Duration.ofSeconds(1);

    private final TransactionTemplate transactions;
    private final JdbcClient jdbc;
    private final Runnable dropIdleConnections;

    /** @param dropIdleConnections makes the pool open new ones, because the old ones' server has gone */
    TenantTransactions(TransactionTemplate transactions, JdbcClient jdbc, Runnable dropIdleConnections) {
        this.transactions = transactions;
        this.jdbc = jdbc;
        this.dropIdleConnections = dropIdleConnections;
    }

    public <T extends @Nullable Object> T of(String tenant, Function<JdbcClient, T> work) {
        if (tenant.equals(EVERYBODY)) {
            throw new PlatformException(ProblemType.FORBIDDEN, "This is no tenant's name");
        }
        return in(tenant, work);
    }

    /** Housekeeping over all tenants. */
    public <T extends @Nullable Object> T ofEverybody(Function<JdbcClient, T> work) {
        return in(EVERYBODY, work);
    }

    private <T extends @Nullable Object> T in(String tenant, Function<JdbcClient, T> work) {
        long start = System.nanoTime();
        try {
            return once(tenant, work);
        } catch (DataAccessResourceFailureException lost) {
            dropIdleConnections.run();
            if (lost instanceof CannotGetJdbcConnectionException
                    || System.nanoTime() - start > LATEST_RETRY.toNanos()) {
                throw lost;
            }
            return once(tenant, work);
        }
    }

    @SuppressWarnings("NullAway") // the template gives back what the callback does, null or not
    private <T extends @Nullable Object> T once(String tenant, Function<JdbcClient, T> work) {
        try {
            return transactions.execute(status -> {
                jdbc.sql("SELECT set_config('platform.tenant', :tenant, true)")
                        .param("tenant", tenant)
                        .query(String.class)
                        .single();
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
