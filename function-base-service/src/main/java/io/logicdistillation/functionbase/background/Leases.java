package io.logicdistillation.functionbase.background;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Collectors;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Leases on the rows of one table, which has the columns {@code id}, {@code tenant}, {@code state}, {@code fence}, {@code lease_until},
 * {@code due_at} and {@code pauses}. Every method runs in its caller's transaction. Thread-safe.
 */
public final class Leases {
    /** Names no tenant, but sees which work of any is due. */
    public static final String ALL_TENANTS = "*";

    private final String table;
    private final String open;
    private final String claimed;

    /**
     * @param table of our own migrations
     * @param open states of work that has not ended
     * @param claimed state of work that somebody has taken
     */
    public Leases(String table, List<String> open, String claimed) {
        this.table = table;
        this.open = open.stream().map(state -> "'" + state + "'").collect(Collectors.joining(", ", "(", ")"));
        this.claimed = claimed;
    }

    /** Work that nobody holds. */
    public record Due(String tenant, UUID id) {}

    List<Due> due(JdbcClient database, int most) {
        return database.sql("""
                        SELECT tenant, id FROM %s
                        WHERE state IN %s AND due_at <= now() AND (lease_until IS NULL OR lease_until < now())
                        ORDER BY due_at LIMIT ?
                        """.formatted(table, open))
                .param(most)
                .query((row, number) -> new Due(row.getString("tenant"), row.getObject("id", UUID.class)))
                .list();
    }

    /** Takes the work, if nobody else did meanwhile. @return the fence of whoever took it */
    Optional<Long> claim(JdbcClient database, UUID id, Duration lease) {
        return database.sql("""
                        UPDATE %s
                        SET state = '%s', fence = fence + 1, lease_until = now() + make_interval(secs => ?)
                        WHERE id = ? AND state IN %s AND due_at <= now() AND (lease_until IS NULL OR lease_until < now())
                        RETURNING fence
                        """.formatted(table, claimed, open))
                .params(seconds(lease), id)
                .query(Long.class)
                .optional();
    }

    /** Keeps a lease that has not been given back. @return false if the work is not this worker's any more */
    boolean renew(JdbcClient database, Lease lease, Duration until) {
        return database.sql("""
                        UPDATE %s SET lease_until = now() + make_interval(secs => ?)
                        WHERE id = ? AND fence = ? AND state IN %s AND lease_until IS NOT NULL
                        """.formatted(table, open))
                        .params(seconds(until), lease.id(), lease.fence())
                        .update()
                == 1;
    }

    /** Gives the work back, to be taken up again after a pause. */
    public void pause(JdbcClient database, Lease lease, Duration pause, boolean counted) {
        database.sql("""
                        UPDATE %s
                        SET lease_until = NULL, due_at = now() + make_interval(secs => ?), pauses = pauses + ?
                        WHERE id = ? AND fence = ? AND state IN %s
                        """.formatted(table, open))
                .params(seconds(pause), counted ? 1 : 0, lease.id(), lease.fence())
                .update();
    }

    /**
     * Keeps the row until the end of the transaction, if the work is still this worker's.
     *
     * @throws Stopped if it was cancelled or taken over
     */
    public void hold(JdbcClient database, Lease lease) {
        boolean held = database.sql("SELECT fence FROM %s WHERE id = ? AND fence = ? AND state IN %s FOR UPDATE"
                        .formatted(table, open))
                .params(lease.id(), lease.fence())
                .query(Long.class)
                .optional()
                .isPresent();
        if (!held) {
            throw new Stopped();
        }
    }

    private static double seconds(Duration duration) {
        return duration.toMillis() / 1e3;
    }
}
