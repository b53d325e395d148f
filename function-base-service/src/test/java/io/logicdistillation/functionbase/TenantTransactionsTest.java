package io.logicdistillation.functionbase;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.logicdistillation.functionbase.tenant.TenantTransactions;
import java.sql.SQLException;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.simple.JdbcClient;

/** What a caller learns when Postgres goes away in the middle of a transaction. */
class TenantTransactionsTest extends ServiceTest {
    private static final String OWN_BACKEND = "SELECT pg_backend_pid()";

    @Test
    void saysThatTheDatabaseIsGoneWhereItWentWhileCommitting(@Autowired TenantTransactions transactions) {
        assertThatThrownBy(() -> transactions.in("somebody", database -> {
                    int backend = database.sql(OWN_BACKEND).query(Integer.class).single();
                    kill(transactions, backend);
                    return backend;
                }))
                .isInstanceOf(DataAccessException.class)
                .satisfies(failure -> assertThat(state(failure)).matches("(08|57P).*"));
        assertThat(works(transactions)).isEqualTo(1);
    }

    @Test
    void saysThatTheDatabaseIsGoneWhereItWentBeforeTheWorkWasDone(@Autowired TenantTransactions transactions) {
        assertThatThrownBy(() -> transactions.in("somebody", database -> {
                    kill(
                            transactions,
                            database.sql(OWN_BACKEND).query(Integer.class).single());
                    return database.sql("SELECT 1").query(Integer.class).single();
                }))
                .isInstanceOf(DataAccessException.class)
                .satisfies(failure -> assertThat(state(failure)).matches("(08|57P).*"));
        assertThat(works(transactions)).isEqualTo(1);
    }

    private static int works(TenantTransactions transactions) {
        Function<JdbcClient, Integer> work =
                database -> database.sql("SELECT 1").query(Integer.class).single();
        return transactions.in("somebody", work);
    }

    /** On another connection: the service's role may end its own sessions. */
    private static void kill(TenantTransactions transactions, int backend) {
        Thread killer = new Thread(() -> transactions.in(
                "somebody",
                database -> database.sql("SELECT pg_terminate_backend(?, 5000)")
                        .param(backend)
                        .query(Boolean.class)
                        .single()));
        killer.start();
        try {
            killer.join();
        } catch (InterruptedException stopped) {
            throw new IllegalStateException(stopped);
        }
    }

    private static String state(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLException sql && sql.getSQLState() != null) {
                return sql.getSQLState();
            }
        }
        return "none";
    }
}
