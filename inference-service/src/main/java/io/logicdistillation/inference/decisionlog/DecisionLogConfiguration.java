package io.logicdistillation.inference.decisionlog;

import com.zaxxer.hikari.HikariDataSource;
import java.time.Clock;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionTemplate;

@Configuration(proxyBeanMethods = false)
class DecisionLogConfiguration {
    @Bean
    TenantTransactions tenantTransactions(TransactionTemplate transactions, JdbcClient jdbc, HikariDataSource pool) {
        return new TenantTransactions(
                transactions, jdbc, () -> pool.getHikariPoolMXBean().softEvictConnections());
    }

    @Bean
    DecisionLog decisionLog(TenantTransactions transactions, Clock clock) {
        return new DecisionLog(transactions, new DecisionRows(), clock);
    }

    @Bean
    Housekeeping housekeeping(TenantTransactions transactions, Clock clock) {
        return new Housekeeping(transactions, clock);
    }
}
