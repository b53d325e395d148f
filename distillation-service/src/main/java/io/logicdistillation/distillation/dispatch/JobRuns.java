package io.logicdistillation.distillation.dispatch;

import io.logicdistillation.distillation.jobs.JobEvents;
import io.logicdistillation.distillation.jobs.JobSpec;
import io.logicdistillation.distillation.workers.Losses;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Clock;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;
import tools.jackson.databind.json.JsonMapper;

/** Runs as the tables of jobs and attempts tell them. Thread-safe, for several processes too. */
@Component
class JobRuns implements RunBook {
    private static final String WAITING = """
            SELECT number, id, run, spec
            FROM (
                SELECT j.number, j.id, j.fence + 1 AS run, j.spec, t.weight, t.most_running,
                       r.running + row_number() OVER (PARTITION BY j.tenant ORDER BY j.priority DESC, j.number) AS place
                FROM jobs j
                JOIN job_tenants t ON t.tenant = j.tenant
                CROSS JOIN LATERAL (
                    SELECT count(*) AS running FROM jobs WHERE tenant = t.tenant AND state = 'running') r
                WHERE j.state = 'queued' AND j.not_before <= :now
                  AND (:gpus OR (j.gpu_memory_mb = 0 AND j.gpu_type IS NULL AND j.gpus = 0))) turns
            WHERE place <= most_running
            ORDER BY place / weight, number
            LIMIT :most
            """;
    private static final String PHASES = """
            SELECT asked.number, asked.run, j.id, j.state, j.fence, a.outcome, a.worker
            FROM unnest(cast(:numbers AS bigint[]), cast(:runs AS bigint[])) AS asked (number, run)
            JOIN jobs j ON j.number = asked.number
            LEFT JOIN job_attempts a ON a.job = asked.number AND a.fence = asked.run
            """;
    private static final String HOLD = "SELECT number FROM jobs WHERE number = :job AND id = :id FOR NO KEY UPDATE";

    private final JdbcClient jdbc;
    private final JobEvents events;
    private final Losses losses;
    private final JsonMapper json;
    private final Clock clock;

    JobRuns(JdbcClient jdbc, JobEvents events, Losses losses, JsonMapper json, Clock clock) {
        this.jdbc = jdbc;
        this.events = events;
        this.losses = losses;
        this.json = json;
        this.clock = clock;
    }

    @Override
    public List<Run> waiting(boolean gpus, int most) {
        return jdbc.sql(WAITING)
                .param("now", Timestamp.from(clock.instant()))
                .param("gpus", gpus)
                .param("most", most)
                .query((row, index) -> new Run(
                        new Run.Id(row.getLong("number"), row.getString("id"), row.getLong("run")),
                        json.readValue(row.getString("spec"), JobSpec.class)))
                .list();
    }

    @Override
    public Map<Run.Id, Phase> phases(Collection<Run.Id> runs) {
        Map<Run.Id, Phase> found = new HashMap<>();
        runs.forEach(run -> found.put(run, Phase.GONE));
        jdbc.sql(PHASES)
                .param("numbers", runs.stream().map(Run.Id::number).toArray(Long[]::new))
                .param("runs", runs.stream().map(Run.Id::run).toArray(Long[]::new))
                .query((row, index) -> found.replace(
                        new Run.Id(row.getLong("number"), row.getString("id"), row.getLong("run")), phase(row)))
                .list();
        return found;
    }

    /** Holds the job's row, as all do that write events: their numbers grow in the order of their commits. */
    @Override
    @Transactional
    public void log(Run.Id run, List<String> lines) {
        jdbc.sql(HOLD)
                .param("job", run.number())
                .param("id", UUID.fromString(run.job()))
                .query(Long.class)
                .optional()
                .ifPresent(job -> events.log(job, lines));
    }

    @Override
    public void ended(Run.Id run, String reason) {
        losses.lose(new Losses.Lost(run.number(), UUID.fromString(run.job()), run.run(), run.worker()), reason);
    }

    private static Phase phase(ResultSet row) throws SQLException {
        long run = row.getLong("run");
        long fence = row.getLong("fence");
        String state = row.getString("state");
        String outcome = row.getString("outcome");
        if (state.equals("queued") && fence == run - 1) {
            return Phase.WAITING;
        }
        String worker = new Run.Id(row.getLong("number"), row.getString("id"), run).worker();
        if (outcome == null || !Objects.equals(row.getString("worker"), worker)) {
            return Phase.GONE;
        }
        return switch (outcome) {
            case "running" -> state.equals("running") && fence == run ? Phase.RUNNING : Phase.GONE;
            case "completed", "failed", "released" -> Phase.ENDED;
            default -> Phase.GONE;
        };
    }
}
