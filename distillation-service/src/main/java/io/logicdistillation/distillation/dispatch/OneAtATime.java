package io.logicdistillation.distillation.dispatch;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import javax.sql.DataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets one replica of the service dispatch at a time; the others pass. The lock is the session's of a connection of its own, so that
 * it ends with the process that holds it. Two at once would do no harm but say things twice.
 */
final class OneAtATime implements Dispatcher {
    private static final Logger log = LoggerFactory.getLogger(OneAtATime.class);
    private static final String TAKE = "SELECT pg_try_advisory_lock(hashtextextended('platform.dispatch', 0))";
    private static final String GIVE = "SELECT pg_advisory_unlock(hashtextextended('platform.dispatch', 0))";

    private final DataSource database;
    private final Dispatcher dispatcher;

    OneAtATime(DataSource database, Dispatcher dispatcher) {
        this.database = database;
        this.dispatcher = dispatcher;
    }

    @Override
    public void dispatch(RunBook runs) {
        try (Connection connection = database.getConnection()) {
            if (!ask(connection, TAKE)) {
                return;
            }
            try {
                dispatcher.dispatch(runs);
            } finally {
                ask(connection, GIVE);
            }
        } catch (SQLException failure) {
            log.warn("Nothing is dispatched, the database does not answer: {}", failure.getMessage());
        }
    }

    private static boolean ask(Connection connection, String question) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(question);
                ResultSet answer = statement.executeQuery()) {
            return answer.next() && answer.getBoolean(1);
        }
    }

    @Override
    public void close() {
        dispatcher.close();
    }
}
