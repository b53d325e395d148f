package io.logicdistillation.functionbase.tenant;

import java.sql.SQLException;
import java.util.function.Function;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionSystemException;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * The only way to the tables: a transaction that names its tenant to Postgres, whose row-level security shows that tenant's rows
 * and no others. Thread-safe.
 */
@Component
public final class TenantTransactions {
    /** SQLSTATE: the connection was lost and with it the answer whether the transaction was committed. */
    private static final String RESOLUTION_UNKNOWN = "08007";

    private final JdbcClient database;
    private final TransactionTemplate transactions;

    TenantTransactions(JdbcClient database, PlatformTransactionManager manager) {
        this.database = database;
        this.transactions = new TransactionTemplate(manager);
    }

    /**
     * Runs the work in one transaction; any exception rolls it back.
     *
     * @throws DataAccessResourceFailureException if Postgres went away while it committed: nobody knows whether the work was done
     */
    @SuppressWarnings("NullAway") // the work's own result type says whether it may be null
    public <T> T in(String tenant, Function<JdbcClient, T> work) {
        try {
            return transactions.execute(status -> {
                database.sql("SELECT set_config('app.tenant', ?, true)")
                        .param(tenant)
                        .query(String.class)
                        .single();
                return work.apply(database);
            });
        } catch (TransactionSystemException overridden) {
            // A lost connection can not be rolled back either; what lost it says more.
            if (overridden.getOriginalException() instanceof RuntimeException original) {
                throw original;
            }
            throw new DataAccessResourceFailureException(
                    "The transaction did not end",
                    new SQLException(overridden.getMessage(), RESOLUTION_UNKNOWN, overridden));
        }
    }
}
