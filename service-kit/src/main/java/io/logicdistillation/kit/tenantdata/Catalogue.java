package io.logicdistillation.kit.tenantdata;

import io.logicdistillation.kit.tenantdata.TenantTable.Column;
import io.logicdistillation.kit.tenantdata.TenantTable.Reference;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BiPredicate;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * What the database says of its own tables. A row belongs to a tenant if its table has a column {@code tenant}, or if it can not be
 * without a row of another table that does. Whoever adds a table later is found here without saying so.
 */
final class Catalogue {
    private static final String COLUMNS = """
            SELECT c.relname, c.relkind = 'p' AS partitioned, a.attname, format_type(a.atttypid, a.atttypmod) AS type,
                   a.attidentity <> '' AS identity, a.attgenerated <> '' AS generated, a.attnotnull,
                   EXISTS (SELECT 1 FROM pg_index i
                           WHERE i.indrelid = c.oid AND i.indisprimary AND a.attnum = ANY (i.indkey)) AS key
            FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
            WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
            ORDER BY c.relname, a.attnum
            """;
    private static final String REFERENCES = """
            SELECT con.conname, child.relname AS child, parent.relname AS parent, own.attname AS own, theirs.attname AS theirs
            FROM pg_constraint con
            JOIN pg_class child ON child.oid = con.conrelid
            JOIN pg_class parent ON parent.oid = con.confrelid
            CROSS JOIN LATERAL unnest(con.conkey, con.confkey) WITH ORDINALITY AS pair(own, theirs, place)
            JOIN pg_attribute own ON own.attrelid = child.oid AND own.attnum = pair.own
            JOIN pg_attribute theirs ON theirs.attrelid = parent.oid AND theirs.attnum = pair.theirs
            WHERE con.contype = 'f' AND con.conparentid = 0 AND child.relnamespace = current_schema()::regnamespace
            ORDER BY child.relname, con.conname, pair.place
            """;

    private final Map<String, List<Column>> columns = new TreeMap<>();
    private final Map<String, List<Reference>> references = new HashMap<>();
    private final Set<String> partitioned = new HashSet<>();
    private final Map<String, String> owned = new HashMap<>();

    private Catalogue(JdbcClient jdbc) {
        jdbc.sql(COLUMNS).query(row -> {
            String table = row.getString("relname");
            columns.computeIfAbsent(table, unknown -> new ArrayList<>())
                    .add(new Column(
                            row.getString("attname"),
                            row.getString("type"),
                            row.getBoolean("identity"),
                            row.getBoolean("generated"),
                            row.getBoolean("attnotnull"),
                            row.getBoolean("key")));
            if (row.getBoolean("partitioned")) {
                partitioned.add(table);
            }
        });
        jdbc.sql(REFERENCES).query(row -> {
            List<Reference> known = references.computeIfAbsent(row.getString("child"), unknown -> new ArrayList<>());
            String name = row.getString("conname");
            if (known.isEmpty() || !known.getLast().name().equals(name)) {
                known.add(new Reference(name, new ArrayList<>(), row.getString("parent"), new ArrayList<>()));
            }
            known.getLast().columns().add(row.getString("own"));
            known.getLast().parentColumns().add(row.getString("theirs"));
        });
    }

    /** @param others tables whose rows belong to no tenant */
    record Found(List<TenantTable> childrenFirst, Set<String> others) {
        List<TenantTable> parentsFirst() {
            return childrenFirst.reversed();
        }
    }

    static Found read(JdbcClient jdbc) {
        Catalogue catalogue = new Catalogue(jdbc);
        catalogue.findOwned();
        Set<String> others = new TreeSet<>(catalogue.columns.keySet());
        others.removeAll(catalogue.owned.keySet());
        return new Found(catalogue.childrenFirst(), others);
    }

    private void findOwned() {
        columns.forEach((table, all) -> {
            if (all.stream().anyMatch(column -> column.name().equals(TenantTable.TENANT))) {
                owned.put(table, "tenant = :tenant");
            }
        });
        boolean more = true;
        while (more) {
            more = false;
            for (String table : columns.keySet()) {
                String condition = owned.containsKey(table) ? null : through(table);
                if (condition != null) {
                    owned.put(table, condition);
                    more = true;
                }
            }
        }
    }

    private @Nullable String through(String table) {
        for (Reference reference : references(table)) {
            String parents = owned.get(reference.parent());
            if (parents != null && optionalColumns(table, reference).isEmpty()) {
                return "(" + list(reference.columns()) + ") IN (SELECT " + list(reference.parentColumns()) + " FROM "
                        + TenantTable.quote(reference.parent()) + " WHERE " + parents + ")";
            }
        }
        return null;
    }

    /** Where tables refer to each other in a ring, the references that may be empty are the ones to give way. */
    private List<TenantTable> childrenFirst() {
        Map<String, Set<Reference>> loose = new LinkedHashMap<>();
        owned.keySet().forEach(table -> loose.put(table, new HashSet<>(toItself(table))));
        Set<String> left = new TreeSet<>(owned.keySet());
        List<String> order = new ArrayList<>();
        while (!left.isEmpty()) {
            String next = firstFree(left, (child, reference) -> false)
                    .or(() -> firstFree(
                            left,
                            (child, reference) ->
                                    !optionalColumns(child, reference).isEmpty()))
                    .orElseThrow(() -> new IllegalStateException(
                            "These tables can neither be emptied nor filled one after the other: " + left));
            pointingAt(next, left)
                    .forEach((child, all) ->
                            loose.getOrDefault(child, new HashSet<>()).addAll(all));
            order.add(next);
            left.remove(next);
        }
        return order.stream()
                .map(table -> new TenantTable(
                        table,
                        partitioned.contains(table),
                        List.copyOf(columns.getOrDefault(table, List.of())),
                        references(table),
                        owned.getOrDefault(table, ""),
                        Set.copyOf(loose.getOrDefault(table, Set.of()))))
                .toList();
    }

    /** The first table at which no other one points, but by references that give way. */
    private Optional<String> firstFree(Set<String> left, BiPredicate<String, Reference> givesWay) {
        return left.stream()
                .filter(table -> pointingAt(table, left).entrySet().stream()
                        .allMatch(each -> each.getValue().stream()
                                .allMatch(reference -> givesWay.test(each.getKey(), reference))))
                .findFirst();
    }

    private Map<String, Set<Reference>> pointingAt(String table, Set<String> among) {
        Map<String, Set<Reference>> found = new TreeMap<>();
        for (String child : among) {
            Set<Reference> pointing = new HashSet<>();
            references(child).stream()
                    .filter(reference -> reference.isTo(table) && !child.equals(table))
                    .forEach(pointing::add);
            found.put(child, pointing);
        }
        return found;
    }

    private List<Reference> toItself(String table) {
        return references(table).stream()
                .filter(reference -> reference.isTo(table))
                .toList();
    }

    private List<Reference> references(String table) {
        return references.getOrDefault(table, List.of());
    }

    private List<Column> optionalColumns(String table, Reference reference) {
        return columns.getOrDefault(table, List.of()).stream()
                .filter(column -> !column.isRequired() && reference.columns().contains(column.name()))
                .toList();
    }

    private static String list(List<String> names) {
        return String.join(", ", names.stream().map(TenantTable::quote).toList());
    }
}
