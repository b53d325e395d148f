package io.logicdistillation.inference.decisionlog;

import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.contracts.ProblemType;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionTemplate;

/** Transactions that see one tenant's rows alone: the database's row-level security is told whose they are. Thread-safe. */
final class TenantTransactions {
    private static final String EVERYBODY = "*";

    private final TransactionTemplate transactions;
    private final JdbcClient jdbc;

    TenantTransactions(TransactionTemplate transactions, JdbcClient jdbc) {
        this.transactions = transactions;
        this.jdbc = jdbc;
    }

    <T extends @Nullable Object> T of(String tenant, Function<JdbcClient, T> work) {
        if (tenant.equals(EVERYBODY)) {
            throw new PlatformException(ProblemType.FORBIDDEN, "This is no tenant's name");
        }
        return in(tenant, work);
    }

    /** Housekeeping over all tenants. */
    <T extends @Nullable Object> T ofEverybody(Function<JdbcClient, T> work) {
        return in(EVERYBODY, work);
    }

    @SuppressWarnings("NullAway") // the template gives back what the callback does, null or not
    private <T extends @Nullable Object> T in(String tenant, Function<JdbcClient, T> work) {
        return transactions.execute(status -> {
            jdbc.sql("SELECT set_config('platform.tenant', :tenant, true)")
                    .param("tenant", tenant)
                    .query(String.class)
                    .single();
            return work.apply(jdbc);
        });
    }
}
