package io.logicdistillation.distillation.jobs;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import tools.jackson.databind.json.JsonMapper;

/** Rows of {@code jobs} as objects. Thread-safe. */
@Component
public class JobRows {
    private final JsonMapper json;

    JobRows(JsonMapper json) {
        this.json = json;
    }

    /** A row with every column of {@code jobs}. */
    public Job read(ResultSet row, int index) throws SQLException {
        String said = row.getString("progress");
        Progress progress = said == null ? null : json.readValue(said, Progress.class);
        JobState state = JobState.of(row.getString("state"));
        return new Job(
                row.getLong("number"),
                row.getString("tenant"),
                row.getString("id"),
                state,
                json.readValue(row.getString("spec"), JobSpec.class),
                row.getInt("tries"),
                progress,
                progress == null || state != JobState.RUNNING ? null : progress.eta(),
                row.getString("student"),
                row.getString("reason"),
                row.getString("submitted_by"),
                row.getTimestamp("created_at").toInstant(),
                instant(row, "started_at"),
                instant(row, "finished_at"),
                null);
    }

    static Job.Attempt attempt(ResultSet row, int index) throws SQLException {
        return new Job.Attempt(
                row.getLong("fence"),
                row.getString("worker"),
                row.getTimestamp("started_at").toInstant(),
                instant(row, "ended_at"),
                row.getString("outcome"),
                row.getString("reason"));
    }

    private static @Nullable Instant instant(ResultSet row, String column) throws SQLException {
        Timestamp found = row.getTimestamp(column);
        return found == null ? null : found.toInstant();
    }
}
