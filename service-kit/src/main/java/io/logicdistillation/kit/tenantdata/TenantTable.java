package io.logicdistillation.kit.tenantdata;

import java.util.List;
import java.util.Set;

/**
 * A table whose rows belong to tenants. Immutable.
 *
 * @param owned an SQL condition that holds for the rows of {@code :tenant}
 * @param loose references that may be empty, and that would be in the way if rows were deleted or inserted table by table
 */
record TenantTable(
        String name,
        boolean isPartitioned,
        List<Column> columns,
        List<Reference> references,
        String owned,
        Set<Reference> loose) {
    static final String TENANT = "tenant";

    /** @param type as SQL writes it */
    record Column(
            String name, String type, boolean isIdentity, boolean isGenerated, boolean isRequired, boolean isKey) {
        String quoted() {
            return quote(name);
        }
    }

    /** A foreign key. */
    record Reference(String name, List<String> columns, String parent, List<String> parentColumns) {
        boolean isTo(String table) {
            return parent.equals(table);
        }
    }

    String quoted() {
        return quote(name);
    }

    /** What is written, in the table's order; the rest the database derives. */
    List<Column> stored() {
        return columns.stream().filter(column -> !column.isGenerated()).toList();
    }

    List<Column> key() {
        return columns.stream().filter(Column::isKey).toList();
    }

    /** The columns of loose references that can be emptied. */
    List<Column> looseColumns() {
        return columns.stream()
                .filter(column -> !column.isRequired()
                        && loose.stream().anyMatch(each -> each.columns().contains(column.name())))
                .toList();
    }

    /** A condition on rows in which one of these columns has a value. */
    String looselyFilled() {
        return String.join(
                " OR ",
                looseColumns().stream()
                        .map(column -> column.quoted() + " IS NOT NULL")
                        .toList());
    }

    /** A name as the catalogue says it, not as a caller does. */
    static String quote(String name) {
        return '"' + name.replace("\"", "\"\"") + '"';
    }
}
