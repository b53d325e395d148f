package io.logicdistillation.inference.decisionlog;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Counts what the log holds, in the database. Thread-safe. */
public final class LogStatistics {
    private static final String RANGE =
            " FROM decisions WHERE tenant = :tenant AND task = :task AND id >= :firstId AND id < :endId";

    private final TenantTransactions transactions;

    LogStatistics(TenantTransactions transactions) {
        this.transactions = transactions;
    }

    /**
     * @param stages what was chosen, and by whom, over the whole range
     * @param feedback how the corrections of these decisions judge them
     */
    record Report(Instant from, Instant to, List<Bucket> buckets, List<Chosen> stages, Agreement feedback) {}

    /** @param meanProbability of the least probable choice of a decision; absent if no model was asked */
    record Bucket(
            Instant from,
            long decisions,
            double p50Ms,
            double p99Ms,
            @Nullable Double meanProbability) {}

    /** @param share of the stage's decisions */
    record Chosen(
            String stage,
            String function,
            String decidedBy,
            long decisions,
            double share,
            @Nullable Double meanProbability) {}

    /**
     * @param corrected stages that somebody named a function for
     * @param agreeing those where it is the one that was chosen
     * @param agreement absent if nobody has said anything
     */
    record Agreement(
            long corrected,
            long agreeing,
            @Nullable Double agreement,
            @Nullable Double meanReward) {}

    /** How often a version of a function was a candidate, and how often it was chosen. */
    public record Use(String stage, String function, String version, long candidate, long chosen) {}

    Report report(String tenant, String task, Instant from, Instant to, Duration bucket) {
        Map<String, Object> where = where(tenant, task, from, to);
        return transactions.of(
                tenant,
                jdbc -> new Report(
                        from, to, buckets(jdbc, where, bucket), chosen(jdbc, where), agreement(jdbc, where)));
    }

    private static Map<String, Object> where(String tenant, String task, Instant from, Instant to) {
        Map<String, Object> where = new HashMap<>();
        where.put("tenant", tenant);
        where.put("task", task);
        where.put("firstId", DecisionFilter.firstFrom(from));
        where.put("endId", DecisionFilter.firstFrom(to));
        where.put("from", OffsetDateTime.ofInstant(from, ZoneOffset.UTC));
        return where;
    }

    private static List<Bucket> buckets(JdbcClient jdbc, Map<String, Object> where, Duration bucket) {
        return jdbc.sql("""
                        SELECT date_bin(make_interval(secs => :seconds), decided_at, :from) AS start, count(*) AS decisions,
                            percentile_cont(0.5) WITHIN GROUP (ORDER BY (timings ->> 'totalMs')::float8) AS p50,
                            percentile_cont(0.99) WITHIN GROUP (ORDER BY (timings ->> 'totalMs')::float8) AS p99,
                            avg(probability) AS mean
                        %s GROUP BY 1 ORDER BY 1
                        """.formatted(RANGE))
                .params(where)
                .param("seconds", (double) bucket.toSeconds())
                .query((row, number) -> new Bucket(
                        row.getObject("start", OffsetDateTime.class).toInstant(),
                        row.getLong("decisions"),
                        row.getDouble("p50"),
                        row.getDouble("p99"),
                        nullable(row, "mean")))
                .list();
    }

    private static List<Chosen> chosen(JdbcClient jdbc, Map<String, Object> where) {
        return jdbc.sql("""
                        SELECT stage, function, decided_by, decisions, mean,
                            decisions / sum(decisions) OVER (PARTITION BY stage) AS share
                        FROM (
                            SELECT stage.value ->> 'stage' AS stage, stage.value ->> 'chosen' AS function,
                                stage.value ->> 'decidedBy' AS decided_by, count(*) AS decisions,
                                avg((stage.value -> 'candidates' -> 0 ->> 'probability')::float8) AS mean
                            FROM (SELECT stages %s) AS logged, json_array_elements(without_nul(stages)) AS stage
                            GROUP BY 1, 2, 3) AS counted
                        ORDER BY stage, decisions DESC, function, decided_by
                        """.formatted(RANGE))
                .params(where)
                .query((row, number) -> new Chosen(
                        row.getString("stage"),
                        row.getString("function"),
                        row.getString("decided_by"),
                        row.getLong("decisions"),
                        row.getDouble("share"),
                        nullable(row, "mean")))
                .list();
    }

    /** Of several corrections of a stage the newest counts. */
    private static Agreement agreement(JdbcClient jdbc, Map<String, Object> where) {
        return jdbc.sql("""
                        WITH said AS (
                            SELECT * FROM feedback WHERE tenant = :tenant AND task = :task
                              AND decision >= :firstId AND decision < :endId),
                        judged AS (
                            SELECT DISTINCT ON (decision, stage) decision, stage, correction FROM said
                            WHERE correction IS NOT NULL ORDER BY decision, stage, id DESC)
                        SELECT count(*) AS corrected, count(*) FILTER (WHERE EXISTS (
                                SELECT 1 FROM decisions, json_array_elements(without_nul(stages)) AS made
                                WHERE decisions.tenant = :tenant AND decisions.id = judged.decision
                                  AND made.value ->> 'stage' = judged.stage
                                  AND made.value ->> 'chosen' = judged.correction)) AS agreeing,
                            (SELECT avg(reward) FROM said) AS reward
                        FROM judged
                        """).params(where).query(LogStatistics::agreement).single();
    }

    private static Agreement agreement(ResultSet row, int number) throws SQLException {
        long corrected = row.getLong("corrected");
        long agreeing = row.getLong("agreeing");
        return new Agreement(
                corrected, agreeing, corrected == 0 ? null : (double) agreeing / corrected, nullable(row, "reward"));
    }

    private static @Nullable Double nullable(ResultSet row, String column) throws SQLException {
        return row.getObject(column, Double.class);
    }

    /** Every function version that was a candidate in the range. */
    public List<Use> uses(String tenant, String task, Instant from, Instant to) {
        Map<String, Object> where = where(tenant, task, from, to);
        return transactions.of(
                tenant,
                jdbc -> jdbc.sql("""
                        SELECT stage.value ->> 'stage' AS stage, candidate.value ->> 'function' AS function,
                            candidate.value ->> 'version' AS version, count(*) AS candidate,
                            count(*) FILTER (WHERE candidate.value ->> 'function' = stage.value ->> 'chosen') AS chosen
                        FROM (SELECT stages %s) AS logged, json_array_elements(without_nul(stages)) AS stage,
                            json_array_elements(stage.value -> 'candidates') AS candidate
                        GROUP BY 1, 2, 3
                        """.formatted(RANGE))
                        .params(where)
                        .query((row, number) -> new Use(
                                row.getString("stage"),
                                row.getString("function"),
                                row.getString("version"),
                                row.getLong("candidate"),
                                row.getLong("chosen")))
                        .list());
    }
}
