package io.logicdistillation.inference.decisionlog;

import com.zaxxer.hikari.HikariDataSource;
import io.logicdistillation.kit.AccessRules;
import io.logicdistillation.kit.Scope;
import io.logicdistillation.kit.tenantdata.TenantDataSettings;
import java.time.Clock;
import java.util.Set;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.HttpMethod;
import org.springframework.jdbc.core.namedparam.NamedParameterJdbcOperations;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionTemplate;

@EnableConfigurationProperties(LogProperties.class)
@Configuration(proxyBeanMethods = false)
class DecisionLogConfiguration {
    @Bean
    TenantTransactions tenantTransactions(
            TransactionTemplate transactions,
            JdbcClient jdbc,
            NamedParameterJdbcOperations statements,
            HikariDataSource pool) {
        return new TenantTransactions(
                transactions, jdbc, statements, () -> pool.getHikariPoolMXBean().softEvictConnections());
    }

    @Bean
    DecisionLog decisionLog(TenantTransactions transactions, Clock clock) {
        return new DecisionLog(transactions, new DecisionRows(), clock);
    }

    @Bean
    ServedTasks servedTasks(TenantTransactions transactions, Clock clock) {
        return new ServedTasks(transactions, clock);
    }

    @Bean
    Housekeeping housekeeping(TenantTransactions transactions, LogProperties properties, Clock clock) {
        return new Housekeeping(transactions, properties, clock);
    }

    @Bean
    LogSettingsStore logSettingsStore(TenantTransactions transactions, Clock clock) {
        return new LogSettingsStore(transactions, clock);
    }

    @Bean
    Discretion discretion(LogSettingsStore settings) {
        return new Discretion(settings);
    }

    @Bean
    TenantDataSettings tenantDataSettings(TenantTransactions transactions) {
        return new TenantDataSettings("inference-service", "platform.tenant", Set.of())
                .withBeforeImport(new ComingDecisions(transactions));
    }

    @Bean
    LogStatistics logStatistics(TenantTransactions transactions) {
        return new LogStatistics(transactions);
    }

    /** Beside the rules of decisions, which are about GET and POST alone. */
    @Bean
    AccessRules decisionLogAccess() {
        return requests -> requests.requestMatchers(HttpMethod.PUT, "/v1/tasks/*/decision-log")
                .hasAuthority(Scope.OPERATE.authority())
                .requestMatchers(HttpMethod.DELETE, "/v1/decision-log")
                .hasAuthority(Scope.ADMIN.authority());
    }
}
