package io.logicdistillation.distillation.students;

import com.github.f4b6a3.uuid.UuidCreator;
import io.logicdistillation.contracts.Page;
import io.logicdistillation.contracts.Student;
import io.logicdistillation.distillation.datasets.Dataset;
import io.logicdistillation.kit.Caller;
import io.logicdistillation.kit.Paging;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/** What was measured of students' time; only grows. Every statement names the tenant. Thread-safe. */
@Component
class Timings {
    private static final String INSERT = """
            INSERT INTO timings (tenant, id, student, serving, dataset, snapshot, machine, stages, measured_by, measured_at)
            VALUES (:tenant, :id, :student, :serving, cast(:dataset AS uuid), :snapshot, :machine, :stages, :by, :at)
            """;
    /** One beside the student that serves now is worth more than a newer one beside another. */
    private static final String BEST = """
            SELECT * FROM timings
            WHERE tenant = :tenant AND student = :student
            ORDER BY coalesce(serving = cast(:serving AS text), false) DESC, number DESC
            LIMIT 1
            """;

    private static final String PAGE = """
            SELECT * FROM timings
            WHERE tenant = :tenant AND student = :student AND number < :before
            ORDER BY number DESC
            LIMIT :limit
            """;

    private final JdbcClient jdbc;
    private final Clock clock;
    private final JsonMapper json;

    Timings(JdbcClient jdbc, Clock clock, JsonMapper json) {
        this.jdbc = jdbc;
        this.clock = clock;
        this.json = json;
    }

    Timing add(
            Caller caller, Student student, Optional<String> serving, Dataset dataset, StudentClock.Measured measured) {
        Timing timing = new Timing(
                UuidCreator.getTimeOrderedEpoch().toString(),
                student.id(),
                serving.orElse(null),
                dataset.id(),
                measured.snapshot(),
                measured.machine(),
                measured.stages(),
                caller.name(),
                clock.instant().truncatedTo(ChronoUnit.MICROS));
        jdbc.sql(INSERT)
                .param("tenant", caller.tenant())
                .param("id", UUID.fromString(timing.id()))
                .param("student", timing.student())
                .param("serving", timing.serving())
                .param("dataset", timing.dataset())
                .param("snapshot", timing.snapshot())
                .param("machine", timing.machine())
                .param("stages", json.writeValueAsString(timing.stages()))
                .param("by", timing.measuredBy())
                .param("at", Timestamp.from(timing.measuredAt()))
                .update();
        return timing;
    }

    /** The newest beside this serving student, else the newest. */
    Optional<Timing> of(String tenant, String student, Optional<String> serving) {
        return jdbc.sql(BEST)
                .param("tenant", tenant)
                .param("student", student)
                .param("serving", serving.orElse(null))
                .query((row, index) -> timing(row))
                .optional();
    }

    /** Newest first. */
    Page<Timing> page(String tenant, String student, Paging paging) {
        List<Numbered> found = jdbc.sql(PAGE)
                .param("tenant", tenant)
                .param("student", student)
                .param("before", paging.beforeNumber())
                .param("limit", paging.fetch())
                .query((row, index) -> new Numbered(row.getLong("number"), timing(row)))
                .list();
        Page<Numbered> page = paging.page(found, row -> Long.toString(row.number()));
        return new Page<>(page.items().stream().map(Numbered::timing).toList(), page.next());
    }

    private record Numbered(long number, Timing timing) {}

    private Timing timing(ResultSet row) throws SQLException {
        return new Timing(
                row.getString("id"),
                row.getString("student"),
                row.getString("serving"),
                row.getString("dataset"),
                row.getString("snapshot"),
                row.getString("machine"),
                json.readValue(row.getString("stages"), new TypeReference<List<Timing.Stage>>() {}),
                row.getString("measured_by"),
                row.getTimestamp("measured_at").toInstant());
    }
}
