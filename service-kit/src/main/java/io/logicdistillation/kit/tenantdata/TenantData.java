package io.logicdistillation.kit.tenantdata;

import io.logicdistillation.contracts.Names;
import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.contracts.ProblemType;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.core.io.Resource;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.PlatformTransactionManager;

/** All that a service keeps of a tenant. Thread-safe. */
public final class TenantData {
    private static final int AT_ONCE = 1_000;
    private static final int COUNTED_AT_ONCE = 10_000;
    /** Shorter than the gateway's patience. */
    private static final Duration LONGEST = Duration.ofSeconds(20);

    private final TenantSessions sessions;
    private final TenantDataSettings settings;
    private final ApplicationEventPublisher events;

    /** @param events whoever remembers things of tenants hears {@link TenantChanged} there */
    public TenantData(
            JdbcClient jdbc,
            PlatformTransactionManager manager,
            TenantDataSettings settings,
            ApplicationEventPublisher events) {
        this.events = events;
        this.sessions = new TenantSessions(jdbc, manager, settings.rowSecurity());
        this.settings = settings;
    }

    /**
     * @param rows by table, of every table that can have any
     * @param files outside of the database
     */
    public record Counts(String service, Map<String, Long> rows, long files) {
        /** Whether nothing is left. */
        public boolean isEmpty() {
            return files == 0 && rows.values().stream().allMatch(count -> count == 0);
        }
    }

    /**
     * @param deleted rows by table, this time
     * @param files removed, this time
     * @param complete whether nothing is left; if not, ask again
     */
    public record Erased(Map<String, Long> deleted, long files, boolean complete) {}

    public Counts count(String tenant) {
        Names.requireName("tenant", tenant);
        Map<String, Long> rows = sessions.reading(tenant, jdbc -> {
            Map<String, Long> counted = new TreeMap<>();
            found(jdbc).childrenFirst().forEach(table -> counted.put(table.name(), count(jdbc, table, tenant)));
            return counted;
        });
        return new Counts(settings.service(), rows, settings.files().count(tenant));
    }

    /**
     * Deletes in small transactions, so that nobody waits for it and a crash loses nothing of what was done. Files go before the rows
     * that name them.
     */
    public Erased erase(String tenant) {
        Names.requireName("tenant", tenant);
        events.publishEvent(new TenantChanged(tenant));
        long start = System.nanoTime();
        long files = settings.files().erase(tenant);
        Map<String, Long> deleted = new TreeMap<>();
        for (TenantTable table : sessions.in(tenant, this::found).childrenFirst()) {
            int changed;
            do {
                if (System.nanoTime() - start > LONGEST.toNanos()) {
                    return new Erased(deleted, files, false);
                }
                changed = sessions.in(tenant, jdbc -> loosen(jdbc, table, tenant));
            } while (changed == AT_ONCE);
        }
        for (TenantTable table : sessions.in(tenant, this::found).childrenFirst()) {
            int gone;
            do {
                if (System.nanoTime() - start > LONGEST.toNanos()) {
                    return new Erased(deleted, files, false);
                }
                gone = sessions.in(tenant, jdbc -> delete(jdbc, table, tenant));
                deleted.merge(table.name(), (long) gone, Long::sum);
            } while (gone == AT_ONCE);
        }
        events.publishEvent(new TenantChanged(tenant));
        return new Erased(deleted, files, true);
    }

    /** Writes all rows as lines, as they are at one moment. */
    public void export(String tenant, OutputStream out) throws IOException {
        Names.requireName("tenant", tenant);
        new TenantExport(sessions, settings).write(tenant, sessions.in(tenant, this::found), out);
    }

    /**
     * Takes in what {@link #export} wrote, as another tenant if need be: all of it or nothing.
     *
     * @throws PlatformException {@link ProblemType#CONFLICT} if there is something of the tenant already, or if the rows are here under
     *     another tenant; {@link ProblemType#INVALID_REQUEST} for lines that are damaged, of another service or of a newer release
     */
    public Counts importRows(String tenant, InputStream lines) throws IOException {
        Names.requireName("tenant", tenant);
        new TenantImport(sessions, settings).read(tenant, sessions.in(tenant, this::found), lines);
        events.publishEvent(new TenantChanged(tenant));
        return count(tenant);
    }

    Set<String> files(String tenant) {
        return settings.files().needed(tenant);
    }

    Resource file(String tenant, String sha256) {
        return settings.files().read(tenant, sha256);
    }

    void store(String sha256, InputStream bytes) {
        settings.files().store(sha256, bytes);
    }

    /** What nobody can tell the owner of must not be passed over in silence. */
    private Catalogue.Found found(JdbcClient jdbc) {
        Catalogue.Found found = Catalogue.read(jdbc);
        Set<String> unknown = new TreeSet<>(found.others());
        unknown.removeAll(settings.withoutTenants());
        unknown.remove(TenantExport.HISTORY);
        if (!unknown.isEmpty()) {
            throw new IllegalStateException(
                    "Whose rows are in " + unknown + "? Give them a column tenant, or say that they are nobody's");
        }
        return found;
    }

    /** Row by row, because a connection that is silent for as long as a great count takes would be given up. */
    static long count(JdbcClient jdbc, TenantTable table, String tenant) {
        long[] rows = {0};
        jdbc.sql("SELECT 1 FROM " + table.quoted() + " WHERE " + table.owned())
                .withFetchSize(COUNTED_AT_ONCE)
                .param("tenant", tenant)
                .query(row -> {
                    rows[0]++;
                });
        return rows[0];
    }

    private static int loosen(JdbcClient jdbc, TenantTable table, String tenant) {
        if (table.looseColumns().isEmpty()) {
            return 0;
        }
        String filled = String.join(
                " OR ",
                table.looseColumns().stream()
                        .map(column -> column.quoted() + " IS NOT NULL")
                        .toList());
        String emptied = String.join(
                ", ",
                table.looseColumns().stream()
                        .map(column -> column.quoted() + " = NULL")
                        .toList());
        return jdbc.sql("UPDATE " + table.quoted() + " SET " + emptied + " WHERE "
                        + some(table, " AND (" + filled + ")"))
                .param("tenant", tenant)
                .update();
    }

    private static int delete(JdbcClient jdbc, TenantTable table, String tenant) {
        return jdbc.sql("DELETE FROM " + table.quoted() + " WHERE " + some(table, ""))
                .param("tenant", tenant)
                .update();
    }

    /** By place: of one table the places are read straight, of a partitioned one only together with the partition. */
    private static String some(TenantTable table, String further) {
        String from = " FROM " + table.quoted() + " WHERE " + table.owned() + further + " LIMIT " + AT_ONCE;
        return table.isPartitioned()
                ? table.owned() + " AND (tableoid, ctid) IN (SELECT tableoid, ctid" + from + ")"
                : "ctid = ANY (ARRAY(SELECT ctid" + from + "))";
    }
}
