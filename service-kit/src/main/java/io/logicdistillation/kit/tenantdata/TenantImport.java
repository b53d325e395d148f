package io.logicdistillation.kit.tenantdata;

import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.contracts.ProblemType;
import io.logicdistillation.kit.NdjsonReader;
import io.logicdistillation.kit.Sha256;
import io.logicdistillation.kit.WireJson;
import io.logicdistillation.kit.tenantdata.TenantFormat.Extent;
import io.logicdistillation.kit.tenantdata.TenantTable.Column;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.dao.NonTransientDataAccessException;
import org.springframework.dao.NonTransientDataAccessResourceException;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Reads what {@link TenantExport} wrote, in one transaction. Memory does not grow with it. */
final class TenantImport {
    private static final int LONGEST_LINE = 64 << 20;
    /** What another import of the tenant waits for. */
    private static final String ALONE =
            "SELECT pg_advisory_xact_lock(hashtext('tenant-import'), hashtext(:tenant))::text";

    private final TenantSessions sessions;
    private final TenantDataSettings settings;
    private final JsonMapper json = WireJson.lenient();

    TenantImport(TenantSessions sessions, TenantDataSettings settings) {
        this.sessions = sessions;
        this.settings = settings;
    }

    void read(String tenant, Catalogue.Found found, InputStream body) throws IOException {
        Map<String, TenantTable> tables =
                found.childrenFirst().stream().collect(Collectors.toMap(TenantTable::name, table -> table));
        Lines lines = new Lines(new NdjsonReader(body, 1, LONGEST_LINE));
        TenantFormat.Head head = parse(lines.required(), TenantFormat.Head.class, lines.number());
        check(head);
        try {
            Map<String, Long> shifts = shifts(tenant, tables, head);
            sessions.in(tenant, jdbc -> {
                jdbc.sql(ALONE).param("tenant", tenant).query(String.class).single();
                requireNothing(jdbc, tenant, found);
                insertAll(new TenantRowWriter(jdbc, tenant, shifts, settings.numberLists()), tables, lines);
                settings.files().requireStored(jdbc, tenant);
                return true;
            });
        } catch (DuplicateKeyException here) {
            throw new PlatformException(
                    ProblemType.CONFLICT,
                    "Line " + lines.number()
                            + ": such rows are here already. Rows can not come back to an installation that"
                            + " still holds the tenant which they were exported from",
                    here);
        } catch (NonTransientDataAccessResourceException away) {
            throw away;
        } catch (NonTransientDataAccessException misfit) {
            throw invalid("Line " + lines.number() + ": these rows do not fit this installation's tables", misfit);
        } catch (UncheckedIOException cut) {
            throw new IOException(cut.getMessage(), cut);
        }
    }

    private void check(TenantFormat.Head head) {
        if (head.service() == null || head.schema() == null || head.tables() == null) {
            throw invalid("Line 1 is not the head of an export", null);
        }
        if (head.format() > TenantFormat.VERSION) {
            throw invalid(
                    "The export has format " + head.format() + ", and this release reads " + TenantFormat.VERSION,
                    null);
        }
        if (!head.service().equals(settings.service())) {
            throw invalid("These are rows of the " + head.service() + ", and this is the " + settings.service(), null);
        }
        String ours = sessions.in("", TenantExport::schema);
        if (!head.schema().matches("\\d{1,9}(\\.\\d{1,9})*") || TenantFormat.BY_AGE.compare(head.schema(), ours) > 0) {
            throw invalid(
                    "The export was made by a newer release (schema " + head.schema() + "; here it is " + ours
                            + "): update this installation first",
                    null);
        }
    }

    /**
     * The database numbers its rows for all tenants together, so these come under new numbers, in the order that they had. The numbers
     * are set aside beforehand: nobody else can be given them, and nobody has to wait until the rows are in.
     */
    private Map<String, Long> shifts(String tenant, Map<String, TenantTable> tables, TenantFormat.Head head) {
        Map<String, Long> shifts = new HashMap<>();
        for (Extent extent : head.tables()) {
            TenantTable table = tables.get(extent.table());
            if (table == null || extent.first() == null || extent.last() == null) {
                continue;
            }
            String first = extent.first();
            String last = extent.last();
            sessions.in(tenant, jdbc -> {
                settings.beforeImport().accept(new TenantDataSettings.Coming(table.name(), first, last));
                TenantExport.numbered(table)
                        .ifPresent(column -> shifts.put(table.name(), setAside(jdbc, table, column, first, last)));
                return true;
            });
        }
        return shifts;
    }

    private static long setAside(JdbcClient jdbc, TenantTable table, Column column, String first, String last) {
        long lowest = number(first);
        long span = number(last) - lowest;
        if (span < 0) {
            throw invalid("Line 1: the numbers of " + table.name() + " go backwards", null);
        }
        jdbc.sql("LOCK TABLE " + table.quoted() + " IN SHARE ROW EXCLUSIVE MODE")
                .update();
        long next = jdbc.sql("SELECT nextval(pg_get_serial_sequence(:table, :column))")
                .param("table", table.quoted())
                .param("column", column.name())
                .query(Long.class)
                .single();
        jdbc.sql("SELECT setval(pg_get_serial_sequence(:table, :column), :last)")
                .param("table", table.quoted())
                .param("column", column.name())
                .param("last", Math.addExact(next, span))
                .query(Long.class)
                .single();
        return next - lowest;
    }

    private static long number(String text) {
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException none) {
            throw invalid("Line 1: '" + text + "' is no number", none);
        }
    }

    private static void requireNothing(JdbcClient jdbc, String tenant, Catalogue.Found found) {
        for (TenantTable table : found.childrenFirst()) {
            boolean any = jdbc.sql("SELECT 1 FROM " + table.quoted() + " WHERE " + table.owned() + " LIMIT 1")
                    .param("tenant", tenant)
                    .query(Integer.class)
                    .optional()
                    .isPresent();
            if (any) {
                throw new PlatformException(
                        ProblemType.CONFLICT,
                        "There are rows of the tenant '" + tenant + "' in " + table.name()
                                + ": delete it, or take another name");
            }
        }
    }

    private void insertAll(TenantRowWriter writer, Map<String, TenantTable> tables, Lines lines) {
        while (true) {
            String line = lines.required();
            if (line.startsWith("[")) {
                writer.add(parse(line, JsonNode.class, lines.number()), line, lines.number());
                continue;
            }
            writer.flush();
            JsonNode node = parse(line, JsonNode.class, lines.number());
            if (node.has("end")) {
                TenantFormat.End end =
                        parse(line, TenantFormat.Last.class, lines.number()).end();
                requireWhole(end, writer.rows(), lines.before());
                if (lines.next() != null) {
                    throw invalid("Line " + lines.number() + " comes after the end", null);
                }
                return;
            }
            TenantFormat.Section section = parse(line, TenantFormat.Section.class, lines.number());
            TenantTable table = section.table() == null ? null : tables.get(section.table());
            if (table == null || section.columns() == null) {
                throw invalid(
                        "Line " + lines.number() + ": this installation has no table '" + section.table() + "'", null);
            }
            writer.begin(table, section);
        }
    }

    private static void requireWhole(TenantFormat.End end, Map<String, Long> rows, String sha256) {
        Map<String, Long> promised = new TreeMap<>(end.rows());
        promised.values().removeIf(count -> count == 0);
        if (!sha256.equals(end.sha256()) || !promised.equals(rows)) {
            throw invalid("The export is damaged: its lines are not those that its last line promises", null);
        }
    }

    private <T> T parse(String line, Class<T> type, long number) {
        try {
            return Objects.requireNonNull(json.readValue(line, type));
        } catch (JacksonException | NullPointerException broken) {
            throw invalid("Line " + number + " is damaged", broken);
        }
    }

    static PlatformException invalid(String why, @Nullable Throwable cause) {
        return cause == null
                ? new PlatformException(ProblemType.INVALID_REQUEST, why)
                : new PlatformException(ProblemType.INVALID_REQUEST, why, cause);
    }

    /** Reads lines and hashes them on the way. */
    private static final class Lines {
        private final NdjsonReader reader;
        private final MessageDigest digest = Sha256.digest();
        private String before = "";
        private long number;

        Lines(NdjsonReader reader) {
            this.reader = reader;
        }

        /** The number of the line that was read last. */
        long number() {
            return number;
        }

        /** SHA-256 of all that came before the line that was read last. */
        String before() {
            return before;
        }

        String required() {
            String line = next();
            if (line == null) {
                throw invalid("The export breaks off after line " + number, null);
            }
            return line;
        }

        @Nullable
        String next() {
            try {
                NdjsonReader.Line line = reader.next();
                if (line == null) {
                    return null;
                }
                number = line.number();
                if (line.text() == null) {
                    throw invalid("Line " + number + " " + line.fault(), null);
                }
                if (!line.text().startsWith("[")) {
                    before = Sha256.hex(copyOf(digest).digest());
                }
                digest.update(line.text().getBytes(StandardCharsets.UTF_8));
                digest.update((byte) '\n');
                return line.text();
            } catch (IOException cut) {
                throw new UncheckedIOException(cut);
            }
        }

        private static MessageDigest copyOf(MessageDigest digest) {
            try {
                return (MessageDigest) digest.clone();
            } catch (CloneNotSupportedException impossible) {
                throw new IllegalStateException("The JDK's SHA-256 can be cloned", impossible);
            }
        }
    }
}
