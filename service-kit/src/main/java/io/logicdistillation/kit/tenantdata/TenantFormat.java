package io.logicdistillation.kit.tenantdata;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One tenant's rows in one service, line by line: a {@link Head}, then per table a {@link Section} and its rows as JSON arrays of texts (as
 * Postgres writes and reads its values) or nulls, at last an {@link End}.
 */
final class TenantFormat {
    static final int VERSION = 1;

    private TenantFormat() {}

    /**
     * @param schema version of the newest migration
     * @param tables in the order in which they come
     */
    record Head(int format, String service, String schema, String tenant, List<Extent> tables) {}

    /**
     * @param first the lowest number that the database gave to these rows, or else the lowest key; null if there are no rows
     * @param last the highest
     */
    record Extent(
            String table, @Nullable String first, @Nullable String last) {}

    /** @param late whether these rows bring only what could not be said before all tables were there, under their keys */
    record Section(String table, boolean late, List<String> columns) {}

    /** @param sha256 of all bytes before this line */
    record End(Map<String, Long> rows, Set<String> files, String sha256) {}

    /** The line of the end, told from rows and sections by its member. */
    record Last(End end) {}

    /** Compares versions of migrations, which are numbers with points. */
    static final Comparator<String> BY_AGE = (one, other) -> Arrays.compare(numbers(one), numbers(other));

    private static int[] numbers(String version) {
        return Arrays.stream(version.split("\\.")).mapToInt(Integer::parseInt).toArray();
    }
}
