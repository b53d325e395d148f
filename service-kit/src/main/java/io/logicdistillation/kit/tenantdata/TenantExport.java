package io.logicdistillation.kit.tenantdata;

import io.logicdistillation.kit.Sha256;
import io.logicdistillation.kit.WireJson;
import io.logicdistillation.kit.tenantdata.TenantFormat.Extent;
import io.logicdistillation.kit.tenantdata.TenantTable.Column;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.DigestOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.json.JsonMapper;

/** Writes a tenant's rows. Memory does not grow with them. */
final class TenantExport {
    /** Flyway's own table. */
    static final String HISTORY = "flyway_schema_history";

    private static final int FETCHED_AT_ONCE = 200;
    private static final String SCHEMA = "SELECT version FROM " + HISTORY
            + " WHERE success AND version IS NOT NULL ORDER BY string_to_array(version, '.')::int[] DESC LIMIT 1";

    private final TenantSessions sessions;
    private final TenantDataSettings settings;
    private final JsonMapper json = WireJson.lenient();

    TenantExport(TenantSessions sessions, TenantDataSettings settings) {
        this.sessions = sessions;
        this.settings = settings;
    }

    static String schema(JdbcClient jdbc) {
        return jdbc.sql(SCHEMA).query(String.class).single();
    }

    void write(String tenant, Catalogue.Found found, OutputStream out) throws IOException {
        Set<String> files = new TreeSet<>(settings.files().needed(tenant));
        BufferedOutputStream plain = new BufferedOutputStream(out, 1 << 16);
        DigestOutputStream hashed = new DigestOutputStream(plain, Sha256.digest());
        try {
            Map<String, Long> rows = sessions.reading(tenant, jdbc -> write(jdbc, tenant, found, hashed));
            String hash = Sha256.hex(hashed.getMessageDigest().digest());
            line(plain, json.writeValueAsString(new TenantFormat.Last(new TenantFormat.End(rows, files, hash))));
            plain.flush();
        } catch (UncheckedIOException cut) {
            throw new IOException(cut.getMessage(), cut);
        }
    }

    private Map<String, Long> write(JdbcClient jdbc, String tenant, Catalogue.Found found, OutputStream out) {
        List<TenantTable> tables = found.parentsFirst().stream()
                .filter(table -> !settings.notExported().contains(table.name()))
                .toList();
        line(
                out,
                json.writeValueAsString(new TenantFormat.Head(
                        TenantFormat.VERSION,
                        settings.service(),
                        schema(jdbc),
                        tenant,
                        tables.stream()
                                .map(table -> extent(jdbc, table, tenant))
                                .toList())));
        Map<String, Long> rows = new TreeMap<>();
        for (TenantTable table : tables) {
            rows.put(table.name(), section(jdbc, table, tenant, false, out));
        }
        for (TenantTable table : tables) {
            if (!table.looseColumns().isEmpty()) {
                section(jdbc, table, tenant, true, out);
            }
        }
        return rows;
    }

    private static Extent extent(JdbcClient jdbc, TenantTable table, String tenant) {
        String column = numbered(table)
                .or(() -> table.key().stream().findFirst())
                .map(Column::quoted)
                .orElse("tenant");
        return new Extent(
                table.name(), end(jdbc, table, tenant, column, "ASC"), end(jdbc, table, tenant, column, "DESC"));
    }

    static java.util.Optional<Column> numbered(TenantTable table) {
        return table.columns().stream().filter(Column::isIdentity).findFirst();
    }

    private static @Nullable String end(
            JdbcClient jdbc, TenantTable table, String tenant, String column, String order) {
        // Under a name of its own: the order would else be that of the texts, in which 10 comes before 9.
        return jdbc.sql("SELECT " + column + "::text AS shown FROM " + table.quoted() + " WHERE " + table.owned()
                        + " ORDER BY " + column + " " + order + " LIMIT 1")
                .param("tenant", tenant)
                .query(String.class)
                .optional()
                .orElse(null);
    }

    private long section(JdbcClient jdbc, TenantTable table, String tenant, boolean late, OutputStream out) {
        List<Column> columns = late ? late(table) : table.stored();
        line(
                out,
                json.writeValueAsString(new TenantFormat.Section(
                        table.name(), late, columns.stream().map(Column::name).toList())));
        String texts = String.join(
                ", ", columns.stream().map(column -> column.quoted() + "::text").toList());
        String filled = late ? " AND (" + table.looselyFilled() + ")" : "";
        long[] rows = {0};
        jdbc.sql("SELECT json_build_array(" + texts + ")::text FROM " + table.quoted() + " WHERE " + table.owned()
                        + filled)
                .withFetchSize(FETCHED_AT_ONCE)
                .param("tenant", tenant)
                .query(row -> {
                    line(out, row.getString(1));
                    rows[0]++;
                });
        return rows[0];
    }

    /** The key and what hangs loosely on it. */
    static List<Column> late(TenantTable table) {
        List<Column> columns = new ArrayList<>(table.key());
        columns.addAll(table.looseColumns());
        return columns;
    }

    private static void line(OutputStream out, String text) {
        try {
            out.write(text.getBytes(StandardCharsets.UTF_8));
            out.write('\n');
        } catch (IOException cut) {
            throw new UncheckedIOException(cut);
        }
    }
}
