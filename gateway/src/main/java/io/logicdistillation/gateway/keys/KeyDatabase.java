package io.logicdistillation.gateway.keys;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.logicdistillation.gateway.callers.CallerAuthentication;
import io.logicdistillation.kit.migration.MigrationProperties;
import io.logicdistillation.kit.tenantdata.TenantData;
import io.logicdistillation.kit.tenantdata.TenantDataSettings;
import java.time.Duration;
import java.util.Set;
import java.util.function.Function;
import org.flywaydb.core.Flyway;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * The gateway's own database, of its version once it is made. Its tables are reached only through a transaction that names its tenant to
 * Postgres, whose row-level security shows that tenant's rows and no others. Thread-safe.
 */
@Component
@WithDatabase
class KeyDatabase implements AutoCloseable {
    /** Names all tenants at once: for recognising keys, and for those who look after the whole platform. */
    static final String ALL_TENANTS = CallerAuthentication.ALL_TENANTS;

    private static final Duration PATIENCE = Duration.ofSeconds(2);
    private static final int MOST_CONNECTIONS = 4;
    private static final int START_TRIES = 3;

    private final HikariDataSource source;
    private final JdbcClient database;
    private final TransactionTemplate transactions;
    private final TenantData tenantData;

    KeyDatabase(DatabaseProperties properties, MigrationProperties migrations, ApplicationEventPublisher events) {
        this.source = new HikariDataSource(configuration(properties));
        try {
            migrations
                    .mode()
                    .prepare(Flyway.configure()
                            .dataSource(source)
                            .connectRetries(START_TRIES)
                            .load());
        } catch (RuntimeException failure) {
            source.close();
            throw failure;
        }
        this.database = JdbcClient.create(source);
        JdbcTransactionManager manager = new JdbcTransactionManager(source);
        this.transactions = new TransactionTemplate(manager);
        this.tenantData = new TenantData(
                database,
                manager,
                new TenantDataSettings("gateway", "app.tenant", Set.of("revision", "tenants"))
                        .keeping(Set.of("audit", "tenant_deletions")),
                events);
    }

    /** Runs the work in one transaction that sees this tenant's rows; any exception rolls it back. */
    @SuppressWarnings("NullAway") // the work's own result type says whether it may be null
    <T> T in(String tenant, Function<JdbcClient, T> work) {
        return transactions.execute(status -> {
            database.sql("SELECT set_config('app.tenant', ?, true)")
                    .param(tenant)
                    .query(String.class)
                    .single();
            return work.apply(database);
        });
    }

    /** What is kept here of tenants, but for the record of what was done. */
    TenantData tenantData() {
        return tenantData;
    }

    @Override
    public void close() {
        source.close();
    }

    private static HikariConfig configuration(DatabaseProperties properties) {
        HikariConfig configuration = new HikariConfig();
        configuration.setPoolName("keys");
        configuration.setJdbcUrl(properties.url());
        configuration.setUsername(properties.user());
        configuration.setPassword(properties.password());
        configuration.setMaximumPoolSize(MOST_CONNECTIONS);
        configuration.setMinimumIdle(1);
        // A lost Postgres is a 503 within about two seconds, not a hang.
        configuration.setConnectionTimeout(PATIENCE.toMillis());
        configuration.setInitializationFailTimeout(-1);
        configuration.addDataSourceProperty("connectTimeout", PATIENCE.toSeconds());
        configuration.addDataSourceProperty("socketTimeout", 10);
        // A detail quotes the row that was refused, in the log.
        configuration.addDataSourceProperty("logServerErrorDetail", false);
        return configuration;
    }
}
