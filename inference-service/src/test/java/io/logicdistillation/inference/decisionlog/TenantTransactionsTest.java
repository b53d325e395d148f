package io.logicdistillation.inference.decisionlog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.logicdistillation.contracts.PlatformException;
import java.sql.SQLException;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.mockito.Answers;
import org.mockito.Mockito;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.jdbc.core.PreparedStatementCallback;
import org.springframework.jdbc.core.namedparam.NamedParameterJdbcOperations;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.TransactionSystemException;
import org.springframework.transaction.support.AbstractPlatformTransactionManager;
import org.springframework.transaction.support.DefaultTransactionStatus;
import org.springframework.transaction.support.TransactionTemplate;

class TenantTransactionsTest {
    private final AtomicInteger dropped = new AtomicInteger();
    private final JdbcClient jdbc = Mockito.mock(JdbcClient.class, Answers.RETURNS_DEEP_STUBS);
    private final NamedParameterJdbcOperations statements = Mockito.mock(NamedParameterJdbcOperations.class);

    @Test
    void aCommitThatFindsNobodyIsAnAbsentDatabaseAndNotAMistake() {
        TenantTransactions transactions = ending(Integer.MAX_VALUE);
        assertThatThrownBy(() -> transactions.of("acme", work -> "done"))
                .isInstanceOf(DataAccessResourceFailureException.class)
                .rootCause()
                .isInstanceOf(TransactionSystemException.class);
        assertThat(dropped.get()).isEqualTo(1);
    }

    @Test
    void itIsTriedOnceMoreOnAFreshConnection() {
        String done = ending(1).of("acme", work -> "done");
        assertThat(done).isEqualTo("done");
        assertThat(dropped.get()).isEqualTo(1);
    }

    @Test
    void theFailureSaysThatTheOutcomeIsUnknown() {
        assertThatThrownBy(() -> ending(2).of("acme", work -> "done"))
                .cause()
                .isInstanceOfSatisfying(
                        SQLException.class,
                        cause -> assertThat(cause.getSQLState()).isEqualTo("08007"));
    }

    @Test
    void aSingleStatementIsTriedOnceMoreAsWell() {
        Mockito.when(statements.execute(
                        Mockito.anyString(),
                        Mockito.<Map<String, ?>>any(),
                        Mockito.<PreparedStatementCallback<Integer>>any()))
                .thenThrow(new DataAccessResourceFailureException("The connection died in the pool"))
                .thenReturn(1);

        assertThat(ending(0).update("acme", "UPDATE things SET done = :done", Map.of("done", true)))
                .isEqualTo(1);
        assertThat(dropped.get()).isEqualTo(1);
    }

    @Test
    void nobodyIsEverybody() {
        assertThatThrownBy(() -> ending(0).update("*", "DELETE FROM things", Map.of()))
                .isInstanceOf(PlatformException.class);
        Mockito.verifyNoInteractions(statements);
    }

    private TenantTransactions ending(int badly) {
        return new TenantTransactions(
                new TransactionTemplate(new FailingCommits(badly)), jdbc, statements, dropped::incrementAndGet);
    }

    private static final class FailingCommits extends AbstractPlatformTransactionManager {
        private static final long serialVersionUID = 1L;

        private int left;

        FailingCommits(int left) {
            this.left = left;
        }

        @Override
        protected Object doGetTransaction() {
            return new Object();
        }

        @Override
        protected void doBegin(Object transaction, TransactionDefinition definition) {
            // nothing is kept
        }

        @Override
        protected void doCommit(DefaultTransactionStatus status) {
            if (left > 0) {
                left--;
                throw new TransactionSystemException("Could not commit");
            }
        }

        @Override
        protected void doRollback(DefaultTransactionStatus status) {
            // nothing was kept
        }
    }
}
