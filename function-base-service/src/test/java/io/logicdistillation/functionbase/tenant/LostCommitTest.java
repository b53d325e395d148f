package io.logicdistillation.functionbase.tenant;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.logicdistillation.testkit.TestDatabase;
import java.sql.SQLException;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import org.springframework.transaction.TransactionSystemException;
import org.springframework.transaction.support.DefaultTransactionStatus;

/** Postgres goes while a transaction ends, and nothing tells why. */
class LostCommitTest {
    private static final TestDatabase DATABASE = TestDatabase.create();

    private final DataSource source = new DriverManagerDataSource(DATABASE.url(), DATABASE.user(), DATABASE.password());

    @Test
    void isALostDatabaseWhereTheCommitGotNoAnswer() {
        TenantTransactions transactions =
                new TenantTransactions(JdbcClient.create(source), new DataSourceTransactionManager(source) {
                    @Override
                    protected void doCommit(DefaultTransactionStatus status) {
                        throw new TransactionSystemException("Could not commit JDBC transaction");
                    }
                });

        assertThatThrownBy(() -> transactions.in("somebody", database -> 1))
                .isInstanceOf(DataAccessResourceFailureException.class)
                .cause()
                .isInstanceOfSatisfying(
                        SQLException.class,
                        lost -> assertThat(lost.getSQLState()).isEqualTo("08007"));
    }

    @Test
    void saysWhatTheWorkDiedOfWhereTheRollbackFailsToo() {
        TenantTransactions transactions =
                new TenantTransactions(JdbcClient.create(source), new DataSourceTransactionManager(source) {
                    @Override
                    protected void doRollback(DefaultTransactionStatus status) {
                        throw new TransactionSystemException("Could not roll back JDBC transaction");
                    }
                });

        assertThatThrownBy(() -> transactions.in("somebody", database -> {
                    throw new DuplicateKeyException("the reason");
                }))
                .isInstanceOf(DuplicateKeyException.class)
                .hasMessage("the reason");
    }
}
