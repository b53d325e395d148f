package io.logicdistillation.kit.tenantdata;

import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.support.TransactionTemplate;

/** Transactions that see one tenant's rows alone, where row-level security is told whose they are. Thread-safe. */
final class TenantSessions {
    private final JdbcClient jdbc;
    private final TransactionTemplate changing;
    private final TransactionTemplate reading;
    private final String rowSecurity;

    TenantSessions(JdbcClient jdbc, PlatformTransactionManager manager, String rowSecurity) {
        this.jdbc = jdbc;
        this.changing = new TransactionTemplate(manager);
        this.reading = new TransactionTemplate(manager);
        this.reading.setReadOnly(true);
        this.reading.setIsolationLevel(TransactionDefinition.ISOLATION_REPEATABLE_READ);
        this.rowSecurity = rowSecurity;
    }

    <T extends @Nullable Object> T in(String tenant, Function<JdbcClient, T> work) {
        return in(changing, tenant, work);
    }

    /** All of it is of one moment. */
    <T extends @Nullable Object> T reading(String tenant, Function<JdbcClient, T> work) {
        return in(reading, tenant, work);
    }

    @SuppressWarnings("NullAway") // the template gives back what the work does, null or not
    private <T extends @Nullable Object> T in(
            TransactionTemplate transactions, String tenant, Function<JdbcClient, T> work) {
        return transactions.execute(status -> {
            jdbc.sql("SELECT set_config(:setting, :tenant, true)")
                    .param("setting", rowSecurity)
                    .param("tenant", tenant)
                    .query(String.class)
                    .single();
            return work.apply(jdbc);
        });
    }
}
