package io.logicdistillation.distillation.jobs;

import java.sql.Timestamp;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import tools.jackson.databind.json.JsonMapper;

/** What happened to jobs, in order. Writers hold the job's row, so a reader that goes on from a number misses nothing. Thread-safe. */
@Component
public class JobEvents {
    private static final int LOG_LINES_KEPT = 2_000;
    private static final int METRICS_KEPT = 5_000;
    private static final String APPEND = """
            INSERT INTO job_events (job, kind, at, data) VALUES (:job, :kind, :at, :data)
            """;
    private static final String APPEND_LOG = """
            INSERT INTO job_events (job, kind, at, data)
            SELECT :job, 'log', :at, line.data FROM unnest(:lines) WITH ORDINALITY AS line (data, place) ORDER BY line.place
            """;
    private static final String TRIM = """
            DELETE FROM job_events
            WHERE job = :job AND kind = :kind
              AND number <= (SELECT number FROM job_events WHERE job = :job AND kind = :kind
                             ORDER BY number DESC OFFSET :kept LIMIT 1)
            """;
    private static final String SINCE = """
            SELECT number, kind, data FROM job_events WHERE job = :job AND number > :after ORDER BY number LIMIT :limit
            """;
    private static final String TAIL = """
            SELECT at, data FROM job_events WHERE job = :job AND kind = 'log' ORDER BY number DESC LIMIT :limit
            """;

    private final JdbcClient jdbc;
    private final Clock clock;
    private final JsonMapper json;

    JobEvents(JdbcClient jdbc, Clock clock, JsonMapper json) {
        this.jdbc = jdbc;
        this.clock = clock;
        this.json = json;
    }

    /** @param data a JSON object */
    record Event(long number, String kind, String data) {}

    record LogLine(Instant at, String line) {}

    /** Call it in the transaction that changed the state. */
    public void state(long job, JobState state, String detail) {
        append(job, "state", Map.of("state", state, "detail", detail, "at", clock.instant()));
    }

    public void metrics(long job, Progress progress) {
        append(job, "metrics", progress);
        trim(job, "metrics", METRICS_KEPT);
    }

    /** Keeps the newest two thousand lines of a job. */
    public void log(long job, List<String> lines) {
        if (lines.isEmpty()) {
            return;
        }
        Instant now = clock.instant();
        jdbc.sql(APPEND_LOG)
                .param("job", job)
                .param("at", Timestamp.from(now))
                .param(
                        "lines",
                        lines.stream()
                                .map(line -> json.writeValueAsString(new LogLine(now, line)))
                                .toArray(String[]::new))
                .update();
        trim(job, "log", LOG_LINES_KEPT);
    }

    List<Event> since(long job, long after, int limit) {
        return jdbc.sql(SINCE)
                .param("job", job)
                .param("after", after)
                .param("limit", limit)
                .query((row, index) -> new Event(row.getLong("number"), row.getString("kind"), row.getString("data")))
                .list();
    }

    /** The last lines, oldest first. */
    List<LogLine> tail(long job, int limit) {
        List<LogLine> found = new ArrayList<>(jdbc.sql(TAIL)
                .param("job", job)
                .param("limit", limit)
                .query((row, index) -> json.readValue(row.getString("data"), LogLine.class))
                .list());
        Collections.reverse(found);
        return found;
    }

    private void append(long job, String kind, Object data) {
        jdbc.sql(APPEND)
                .param("job", job)
                .param("kind", kind)
                .param("at", Timestamp.from(clock.instant()))
                .param("data", json.writeValueAsString(data))
                .update();
    }

    private void trim(long job, String kind, int kept) {
        jdbc.sql(TRIM).param("job", job).param("kind", kind).param("kept", kept).update();
    }
}
