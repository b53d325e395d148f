package io.logicdistillation.functionbase.tenant;

import java.util.function.Function;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * The only way to the tables: a transaction that names its tenant to Postgres, whose row-level security shows that tenant's rows
 * and no others. Thread-safe.
 */
@Component
public final class TenantTransactions {
    private final JdbcClient database;
    private final TransactionTemplate transactions;

    TenantTransactions(JdbcClient database, PlatformTransactionManager manager) {
        this.database = database;
        this.transactions = new TransactionTemplate(manager);
    }

    /** Runs the work in one transaction; any exception rolls it back. */
    @SuppressWarnings("NullAway") // the work's own result type says whether it may be null
    public <T> T in(String tenant, Function<JdbcClient, T> work) {
        return transactions.execute(status -> {
            database.sql("SELECT set_config('app.tenant', ?, true)")
                    .param(tenant)
                    .query(String.class)
                    .single();
            return work.apply(database);
        });
    }
}
