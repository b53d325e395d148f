package io.logicdistillation.kit.tenantdata;

import io.logicdistillation.kit.tenantdata.TenantTable.Column;
import io.logicdistillation.kit.tenantdata.TenantTable.Reference;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.JsonNode;

/** Writes rows of one import, many at once, within its transaction. Not thread-safe. */
final class TenantRowWriter {
    private static final int ROWS_AT_ONCE = 500;
    private static final int LENGTH_AT_ONCE = 1 << 20;

    private final JdbcClient jdbc;
    private final String tenant;
    private final Map<String, Long> shifts;
    private final Map<String, String> numberLists;
    private final Map<String, Long> rows = new TreeMap<>();
    private final List<String> waiting = new ArrayList<>();
    private int length;
    private @Nullable TenantTable table;
    private boolean late;
    private int columns;
    private String statement = "";

    /** @param shifts what is added to the numbers of a table's rows */
    TenantRowWriter(JdbcClient jdbc, String tenant, Map<String, Long> shifts, Map<String, String> numberLists) {
        this.jdbc = jdbc;
        this.tenant = tenant;
        this.shifts = shifts;
        this.numberLists = numberLists;
    }

    /** What was inserted so far, by table. */
    Map<String, Long> rows() {
        return rows;
    }

    void begin(TenantTable into, TenantFormat.Section section) {
        List<Column> known = section.columns().stream()
                .map(name -> into.stored().stream()
                        .filter(column -> column.name().equals(name))
                        .findFirst()
                        .orElseThrow(() -> TenantImport.invalid(
                                "This installation's table " + into.name() + " has no column '" + name + "'", null)))
                .toList();
        table = into;
        late = section.late();
        columns = known.size();
        statement = late ? lateStatement(into, known) : insertStatement(into, known);
    }

    void add(JsonNode row, String line, long number) {
        if (table == null || !row.isArray() || row.size() != columns) {
            throw TenantImport.invalid("Line " + number + " is no row of its table", null);
        }
        waiting.add(line);
        length += line.length();
        if (waiting.size() >= ROWS_AT_ONCE || length >= LENGTH_AT_ONCE) {
            flush();
        }
    }

    void flush() {
        TenantTable into = table;
        if (waiting.isEmpty() || into == null) {
            return;
        }
        JdbcClient.StatementSpec prepared = jdbc.sql(statement).param("rows", "[" + String.join(",", waiting) + "]");
        if (statement.contains(":tenant")) {
            prepared = prepared.param("tenant", tenant);
        }
        int written = prepared.update();
        if (written != waiting.size()) {
            throw TenantImport.invalid("The export's rows of " + into.name() + " contradict each other", null);
        }
        if (!late) {
            rows.merge(into.name(), (long) written, Long::sum);
        }
        waiting.clear();
        length = 0;
    }

    /** What hangs loosely comes later, when that to which it refers is there. */
    private String insertStatement(TenantTable into, List<Column> known) {
        List<String> names = new ArrayList<>();
        List<String> values = new ArrayList<>();
        for (int place = 0; place < known.size(); place++) {
            Column column = known.get(place);
            if (!into.looseColumns().contains(column)) {
                names.add(column.quoted());
                values.add(value(into, column, place));
            }
        }
        return "INSERT INTO " + into.quoted() + " (" + String.join(", ", names) + ") OVERRIDING SYSTEM VALUE SELECT "
                + String.join(", ", values) + " FROM json_array_elements(CAST(:rows AS json)) AS lines (line)";
    }

    private String lateStatement(TenantTable into, List<Column> known) {
        List<String> keys = new ArrayList<>();
        List<String> sets = new ArrayList<>();
        for (int place = 0; place < known.size(); place++) {
            Column column = known.get(place);
            String value = value(into, column, place);
            if (column.isKey()) {
                keys.add("kept." + column.quoted() + " = " + value);
            } else {
                sets.add(column.quoted() + " = " + value);
            }
        }
        if (keys.isEmpty() || sets.isEmpty()) {
            throw TenantImport.invalid("The late rows of " + into.name() + " say nothing", null);
        }
        return "UPDATE " + into.quoted() + " kept SET " + String.join(", ", sets)
                + " FROM json_array_elements(CAST(:rows AS json)) AS lines (line) WHERE " + String.join(" AND ", keys);
    }

    private String value(TenantTable into, Column column, int place) {
        if (column.name().equals(TenantTable.TENANT)) {
            return ":tenant";
        }
        String text = "CAST(line ->> " + place + " AS " + column.type() + ")";
        String list = numberLists.get(into.name() + "." + column.name());
        if (list != null) {
            return "ARRAY(SELECT number + " + shifts.getOrDefault(list, 0L) + " FROM unnest(" + text
                    + ") WITH ORDINALITY AS listed (number, place) ORDER BY place)";
        }
        long shift = column.isIdentity() ? shifts.getOrDefault(into.name(), 0L) : referred(into, column);
        return shift == 0 ? text : "(" + text + " + " + shift + ")";
    }

    /** By how much the numbers of the rows to which a column refers are shifted. */
    private long referred(TenantTable into, Column column) {
        for (Reference reference : into.references()) {
            int place = reference.columns().indexOf(column.name());
            String theirs = place < 0 ? "" : reference.parentColumns().get(place);
            Long shift = place < 0 || theirs.equals(TenantTable.TENANT) ? null : shifts.get(reference.parent());
            if (shift != null && isNumber(column)) {
                return shift;
            }
        }
        return 0;
    }

    private static boolean isNumber(Column column) {
        return column.type().equals("bigint");
    }
}
