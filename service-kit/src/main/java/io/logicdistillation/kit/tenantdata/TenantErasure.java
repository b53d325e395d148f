package io.logicdistillation.kit.tenantdata;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;

/** One attempt at deleting all of a tenant, for as long as a caller waits. Not thread-safe. */
final class TenantErasure {
    private static final int AT_ONCE = 1_000;
    private static final int WITH_FILES_AT_ONCE = 100;
    /** Shorter than the gateway's patience. */
    private static final Duration LONGEST = Duration.ofSeconds(20);

    private final TenantSessions sessions;
    private final TenantFiles files;
    private final long start = System.nanoTime();
    private final Map<String, Long> deleted = new TreeMap<>();
    private long removed;

    TenantErasure(TenantSessions sessions, TenantFiles files) {
        this.sessions = sessions;
        this.files = files;
    }

    TenantData.Erased erase(String tenant, Catalogue.Found found) {
        boolean complete = true;
        for (TenantTable table : found.childrenFirst()) {
            complete = complete && again(AT_ONCE, tenant, jdbc -> loosen(jdbc, table, tenant));
        }
        for (TenantTable table : found.childrenFirst()) {
            List<String> naming = files.columns().get(table.name());
            complete = complete
                    && (naming == null
                            ? again(AT_ONCE, tenant, jdbc -> delete(jdbc, table, tenant))
                            : again(WITH_FILES_AT_ONCE, tenant, jdbc -> deleteWithFiles(jdbc, table, naming, tenant)));
        }
        return new TenantData.Erased(deleted, removed, complete);
    }

    /** Until there are no more. @return false if that would take too long */
    private boolean again(int most, String tenant, ToIntFunction<JdbcClient> work) {
        int done;
        do {
            if (System.nanoTime() - start > LONGEST.toNanos()) {
                return false;
            }
            done = sessions.in(tenant, work::applyAsInt);
        } while (done == most);
        return true;
    }

    private static int loosen(JdbcClient jdbc, TenantTable table, String tenant) {
        if (table.looseColumns().isEmpty()) {
            return 0;
        }
        String emptied = String.join(
                ", ",
                table.looseColumns().stream()
                        .map(column -> column.quoted() + " = NULL")
                        .toList());
        return jdbc.sql("UPDATE " + table.quoted() + " SET " + emptied + " WHERE "
                        + some(table, " AND (" + table.looselyFilled() + ")"))
                .param("tenant", tenant)
                .update();
    }

    private int delete(JdbcClient jdbc, TenantTable table, String tenant) {
        int gone = jdbc.sql("DELETE FROM " + table.quoted() + " WHERE " + some(table, ""))
                .param("tenant", tenant)
                .update();
        deleted.merge(table.name(), (long) gone, Long::sum);
        return gone;
    }

    /** By place: of one table the places are read straight, of a partitioned one only together with the partition. */
    private static String some(TenantTable table, String further) {
        String from = " FROM " + table.quoted() + " WHERE " + table.owned() + further + " LIMIT " + AT_ONCE;
        return table.isPartitioned()
                ? table.owned() + " AND (tableoid, ctid) IN (SELECT tableoid, ctid" + from + ")"
                : "ctid = ANY (ARRAY(SELECT ctid" + from + "))";
    }

    private int deleteWithFiles(JdbcClient jdbc, TenantTable table, List<String> naming, String tenant) {
        String columns = String.join(
                ", ",
                naming.stream()
                        .map(column -> TenantTable.quote(column) + "::text AS " + TenantTable.quote(column))
                        .toList());
        Map<String, Map<String, @Nullable String>> rows = new HashMap<>();
        jdbc.sql("SELECT ctid::text AS place, " + columns + " FROM " + table.quoted() + " WHERE " + table.owned()
                        + " LIMIT " + WITH_FILES_AT_ONCE + " FOR UPDATE")
                .param("tenant", tenant)
                .query(row -> {
                    Map<String, @Nullable String> named = new HashMap<>();
                    for (String column : naming) {
                        named.put(column, row.getString(column));
                    }
                    rows.put(row.getString("place"), named);
                });
        if (!rows.isEmpty()) {
            removed += files.remove(jdbc, tenant, table.name(), List.copyOf(rows.values()));
            jdbc.sql("DELETE FROM " + table.quoted() + " WHERE ctid = ANY (CAST(:places AS tid[]))")
                    .param("places", rows.keySet().toArray(String[]::new))
                    .update();
        }
        deleted.merge(table.name(), (long) rows.size(), Long::sum);
        return rows.size();
    }
}
