package io.logicdistillation.distillation.jobs;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.sql.Timestamp;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;
import org.springframework.transaction.CannotCreateTransactionException;
import tools.jackson.databind.json.JsonMapper;

/**
 * What waits and what runs, of all tenants together, as gauges: every replica says the same. They are read from time to time and
 * not by whoever scrapes, so that a Postgres that is away holds no scrape up; meanwhile they are no number. Thread-safe.
 */
@Component
class QueueFigures {
    /** A job that failed waits for its next try by its own wish, and so not yet. */
    private static final String WAITING = """
            SELECT count(*) AS jobs, min(greatest(created_at, not_before)) FILTER (WHERE not_before <= :now) AS oldest
            FROM jobs WHERE state = 'queued'
            """;

    private static final String RUNNING = "SELECT started_at, progress FROM jobs WHERE state = 'running'";
    private static final Logger log = LoggerFactory.getLogger(QueueFigures.class);

    private final JdbcClient jdbc;
    private final JsonMapper json;
    private final Clock clock;
    private volatile @Nullable Figures figures;

    QueueFigures(JdbcClient jdbc, JsonMapper json, Clock clock, MeterRegistry meters) {
        this.jdbc = jdbc;
        this.json = json;
        this.clock = clock;
        Gauge.builder("platform.jobs.waiting", this, of(Figures::waiting)).register(meters);
        Gauge.builder("platform.jobs.waiting.seconds", this, of(Figures::waitingSeconds))
                .register(meters);
        Gauge.builder("platform.jobs.running", this, of(Figures::running)).register(meters);
        Gauge.builder("platform.jobs.progress", this, of(Figures::progress)).register(meters);
        Gauge.builder("platform.jobs.silence.seconds", this, of(Figures::silenceSeconds))
                .register(meters);
    }

    /**
     * @param waitingSeconds of the job that has waited longest of those that may run; 0 without one
     * @param progress share of its steps, of the running job that is least far; 1 without one
     * @param silenceSeconds since a running job last told of a step, the longest of all; 0 without one
     */
    private record Figures(long waiting, double waitingSeconds, long running, double progress, double silenceSeconds) {}

    private record Queue(long jobs, @Nullable Timestamp oldest) {}

    private record Run(double progress, Instant heard) {}

    @Scheduled(fixedDelayString = "${platform.jobs.sweep:5s}")
    void read() {
        try {
            Instant now = clock.instant();
            Queue queue = jdbc.sql(WAITING)
                    .param("now", Timestamp.from(now))
                    .query((row, index) -> new Queue(row.getLong("jobs"), row.getTimestamp("oldest")))
                    .single();
            List<Run> runs = jdbc.sql(RUNNING)
                    .query((row, index) -> run(row.getTimestamp("started_at"), row.getString("progress")))
                    .list();
            figures = new Figures(
                    queue.jobs,
                    queue.oldest == null ? 0 : seconds(queue.oldest.toInstant(), now),
                    runs.size(),
                    runs.stream().mapToDouble(Run::progress).min().orElse(1),
                    runs.stream()
                            .mapToDouble(run -> seconds(run.heard, now))
                            .max()
                            .orElse(0));
        } catch (DataAccessException | CannotCreateTransactionException away) {
            figures = null;
            log.warn("The figures of the queue can not be read: {}", away.getMessage());
        }
    }

    private Run run(Timestamp started, @Nullable String said) {
        if (said == null) {
            return new Run(0, started.toInstant());
        }
        Progress progress = json.readValue(said, Progress.class);
        return new Run(
                progress.steps() < 1 ? 0 : Math.min(1, (double) progress.step() / progress.steps()), progress.at());
    }

    private static double seconds(Instant since, Instant now) {
        return Math.max(0, Duration.between(since, now).toMillis() / 1_000.0);
    }

    private static ToDoubleFunction<QueueFigures> of(ToDoubleFunction<Figures> figure) {
        return queue -> {
            Figures read = queue.figures;
            return read == null ? Double.NaN : figure.applyAsDouble(read);
        };
    }
}
