package io.logicdistillation.inference.decisionlog;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Deletes everything that this service keeps of a tenant. Thread-safe. */
final class Erasure {
    private static final int AT_ONCE = 1_000;
    /** Shorter than the gateway's patience. */
    private static final Duration LONGEST = Duration.ofSeconds(20);

    private final TenantTransactions transactions;

    Erasure(TenantTransactions transactions) {
        this.transactions = transactions;
    }

    /**
     * @param deleted rows by table, this time
     * @param complete whether nothing is left; if not, ask again
     */
    record Erased(Map<String, Long> deleted, boolean complete) {}

    Erased erase(String tenant) {
        long start = System.nanoTime();
        Map<String, Long> deleted = new TreeMap<>();
        for (String table : transactions.of(tenant, Erasure::tables)) {
            int gone;
            do {
                if (System.nanoTime() - start > LONGEST.toNanos()) {
                    return new Erased(deleted, false);
                }
                gone = transactions.of(tenant, jdbc -> erase(jdbc, table, tenant));
                deleted.merge(table, (long) gone, Long::sum);
            } while (gone == AT_ONCE);
        }
        return new Erased(deleted, true);
    }

    /** Every table with a tenant, whoever adds one: what is forgotten here would stay for ever. */
    private static List<String> tables(JdbcClient jdbc) {
        return jdbc.sql("""
                        SELECT pg_class.relname FROM pg_class
                        JOIN pg_attribute ON attrelid = pg_class.oid AND attname = 'tenant' AND NOT attisdropped
                        WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p')
                          AND NOT relispartition
                        ORDER BY 1
                        """).query((row, number) -> row.getString(1)).list();
    }

    /** @param table as the catalogue says it, not as a caller does */
    private static int erase(JdbcClient jdbc, String table, String tenant) {
        String name = '"' + table.replace("\"", "\"\"") + '"';
        return jdbc.sql("DELETE FROM " + name
                        + " WHERE tenant = :tenant AND (tableoid, ctid) IN (SELECT tableoid, ctid FROM " + name
                        + " WHERE tenant = :tenant LIMIT " + AT_ONCE + ")")
                .param("tenant", tenant)
                .update();
    }
}
