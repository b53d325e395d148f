package io.logicdistillation.distillation.students;

import io.logicdistillation.contracts.Page;
import io.logicdistillation.contracts.ProblemType;
import io.logicdistillation.contracts.Student;
import io.logicdistillation.distillation.datasets.Cursor;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** The registry's table. Every statement names the tenant. Thread-safe. */
@Component
class StudentRows {
    private static final String SELECT = """
            WITH serving AS (
                SELECT DISTINCT ON (task) task, student
                FROM promotions
                WHERE tenant = :tenant
                ORDER BY task, number DESC)
            SELECT s.*, serving.student IS NOT NULL AS promoted, c.id AS canary, c.student AS canary_student,
                   c.serving AS canary_serving, c.percent AS canary_percent, c.started_at AS canary_started_at
            FROM students s
            LEFT JOIN serving ON serving.task = s.task AND serving.student = s.id
            LEFT JOIN canaries c ON c.tenant = s.tenant AND c.task = s.task AND c.ended_at IS NULL
                AND s.id IN (c.student, c.serving)
            WHERE s.tenant = :tenant
            """;
    private static final String PAGE = SELECT + """
              AND (cast(:task AS text) IS NULL OR s.task = :task)
              AND (cast(:name AS text) IS NULL OR s.name = :name)
              AND (cast(:promoted AS boolean) IS NULL OR (serving.student IS NOT NULL) = :promoted)
              AND (cast(:before AS bigint) IS NULL OR s.number < :before)
            ORDER BY s.number DESC
            LIMIT :limit
            """;
    private static final String INSERT = """
            INSERT INTO students (tenant, id, name, task, method, manifest, adapter_sha256, activations_sha256,
                                  imported_by, created_at)
            VALUES (:tenant, :id, :name, :task, :method, :manifest, :adapter, :activations, :importedBy, :createdAt)
            ON CONFLICT (tenant, id) DO NOTHING
            """;
    /** Files are removed with the last row that names them; meanwhile none is added that names the same ones. */
    private static final String KEEP_FILES = "SELECT pg_advisory_xact_lock_shared(hashtext('student files'))::text";

    /** These tables only grow, so their sizes tell every change, in whichever order transactions commit. */
    private static final String REVISION = """
            SELECT (SELECT count(*) || '-' || coalesce(max(number), 0) FROM students WHERE tenant = :tenant)
                || '-'
                || (SELECT count(*) || '-' || coalesce(max(number), 0) FROM promotions WHERE tenant = :tenant)
                || '-'
                || (SELECT count(*) || '-' || coalesce(max(number), 0) FROM canary_events WHERE tenant = :tenant)
            """;

    private final JdbcClient jdbc;

    StudentRows(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /** What to look for; null where it does not matter. */
    record Filter(
            @Nullable String task,
            @Nullable String name,
            @Nullable Boolean promoted) {}

    /** Keeps every stored file from being removed until the end of the transaction. */
    void keepFiles() {
        jdbc.sql(KEEP_FILES).query(String.class).single();
    }

    /** @return whether the row is new */
    boolean insert(String tenant, StudentRow row, String importedBy) {
        Student student = row.student();
        return jdbc.sql(INSERT)
                        .param("tenant", tenant)
                        .param("id", student.id())
                        .param("name", student.name())
                        .param("task", student.task())
                        .param("method", student.method())
                        .param("manifest", row.manifest())
                        .param("adapter", row.adapterSha256())
                        .param("activations", row.activationsSha256())
                        .param("importedBy", importedBy)
                        .param("createdAt", Timestamp.from(student.createdAt()))
                        .update()
                == 1;
    }

    Optional<StudentRow> byId(String tenant, String id) {
        return jdbc.sql(SELECT + " AND s.id = :id")
                .param("tenant", tenant)
                .param("id", id)
                .query(StudentRows::read)
                .optional();
    }

    /** The newest student of this name. */
    Optional<StudentRow> byName(String tenant, String name, @Nullable String task) {
        return numbered(tenant, new Filter(task, name, null), null, 1).stream()
                .map(Numbered::row)
                .findFirst();
    }

    Optional<Student> serving(String tenant, String task) {
        return numbered(tenant, new Filter(task, null, true), null, 1).stream()
                .map(found -> found.row().student())
                .findFirst();
    }

    /** Newest first. @throws PlatformException {@link ProblemType#INVALID_REQUEST} if the cursor is none of ours */
    Page<Student> page(String tenant, Filter filter, @Nullable String cursor, int limit) {
        List<Numbered> found = numbered(tenant, filter, cursor == null ? null : Cursor.read(cursor), limit + 1);
        List<Numbered> shown = found.subList(0, Math.min(limit, found.size()));
        String next = found.size() > limit ? Cursor.of(shown.getLast().number()) : null;
        return new Page<>(shown.stream().map(each -> each.row().student()).toList(), next);
    }

    /** Changes whenever anything about the tenant's students does. */
    String revision(String tenant) {
        return jdbc.sql(REVISION).param("tenant", tenant).query(String.class).single();
    }

    private List<Numbered> numbered(String tenant, Filter filter, @Nullable Long before, int limit) {
        return jdbc.sql(PAGE)
                .param("tenant", tenant)
                .param("task", filter.task())
                .param("name", filter.name())
                .param("promoted", filter.promoted())
                .param("before", before)
                .param("limit", limit)
                .query((row, index) -> new Numbered(row.getLong("number"), read(row, index)))
                .list();
    }

    private static StudentRow read(ResultSet row, int index) throws SQLException {
        String manifest = row.getString("manifest");
        Instant createdAt = row.getTimestamp("created_at").toInstant();
        Student student = new Student(
                row.getString("id"),
                row.getString("name"),
                row.getString("task"),
                row.getString("method"),
                row.getBoolean("promoted"),
                createdAt,
                StudentManifest.asMap(manifest),
                canary(row));
        return new StudentRow(student, manifest, row.getString("adapter_sha256"), row.getString("activations_sha256"));
    }

    private static Student.@Nullable Canary canary(ResultSet row) throws SQLException {
        String id = row.getString("canary");
        return id == null
                ? null
                : new Student.Canary(
                        id,
                        row.getString("canary_student"),
                        row.getString("canary_serving"),
                        row.getInt("canary_percent"),
                        row.getTimestamp("canary_started_at").toInstant());
    }

    private record Numbered(long number, StudentRow row) {}
}
