package io.logicdistillation.kit.tenantdata;

import io.logicdistillation.contracts.Names;
import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.contracts.ProblemType;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
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
    private static final int COUNTED_AT_ONCE = 10_000;

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
        public boolean holdsNothing() {
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
     * Deletes in small transactions, so that nobody waits for it and a crash loses nothing of what was done. A file goes before the last
     * row that names it.
     */
    public Erased erase(String tenant) {
        Names.requireName("tenant", tenant);
        events.publishEvent(new TenantChanged(tenant));
        Erased erased = new TenantErasure(sessions, settings.files()).erase(tenant, sessions.in(tenant, this::found));
        events.publishEvent(new TenantChanged(tenant));
        return erased;
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
        return new Catalogue.Found(
                found.childrenFirst().stream()
                        .filter(table -> !settings.kept().contains(table.name()))
                        .toList(),
                found.others());
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
}
