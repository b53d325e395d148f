package io.logicdistillation.distillation.students;

import io.logicdistillation.contracts.Page;
import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.contracts.ProblemType;
import io.logicdistillation.contracts.Student;
import io.logicdistillation.kit.Caller;
import io.logicdistillation.kit.Paging;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;

/**
 * Episodes that environments report, and what they come to. A report only adds: the same one again changes nothing. Every statement names
 * the tenant. Thread-safe.
 */
@Component
class Rewards {
    /** In the table, where a student's id would stand; no id looks like it. */
    private static final String TEACHER = "teacher";

    private static final String INSERT = """
            INSERT INTO episode_rewards (tenant, task, environment, version, policy, seed, reward, reported_by, reported_at)
            SELECT :tenant, :task, :environment, :version, :policy, given.seed, given.reward, :by, :now
            FROM unnest(cast(:seeds AS bigint[]), cast(:rewards AS float8[])) AS given (seed, reward)
            ORDER BY given.seed
            ON CONFLICT (tenant, task, policy, environment, version, seed) DO NOTHING
            """;
    private static final String CONTRADICTED = """
            SELECT given.seed, r.reward
            FROM unnest(cast(:seeds AS bigint[]), cast(:rewards AS float8[])) AS given (seed, reward)
            JOIN episode_rewards r ON r.tenant = :tenant AND r.task = :task AND r.policy = :policy
                AND r.environment = :environment AND r.version = :version AND r.seed = given.seed
            WHERE r.reward <> given.reward
            ORDER BY given.seed
            LIMIT 1
            """;
    private static final String EPISODES = """
            SELECT own.number, own.environment, own.version, own.seed, own.reward, teacher.reward AS teacher,
                   own.reported_by, own.reported_at
            FROM episode_rewards own
            LEFT JOIN episode_rewards teacher ON teacher.tenant = own.tenant AND teacher.task = own.task
                AND teacher.policy = :teacher AND teacher.environment = own.environment
                AND teacher.version = own.version AND teacher.seed = own.seed
            WHERE own.tenant = :tenant AND own.task = :task AND own.policy = :student
              AND (cast(:environment AS text) IS NULL OR own.environment = :environment)
              AND own.number < :before
            ORDER BY own.number DESC
            LIMIT :limit
            """;
    /** The aggregates regr_… pass over episodes that the other one has not played. */
    private static final String FIGURES = """
            WITH newest AS (
                SELECT DISTINCT ON (environment) environment, version
                FROM episode_rewards
                WHERE tenant = :tenant AND task = :task AND policy = :student
                ORDER BY environment, number DESC)
            SELECT own.environment, own.version, max(own.reported_at) AS reported_at,
                   count(*) AS episodes, avg(own.reward) AS mean,
                   regr_sxx(own.reward, own.reward) AS squares,
                   regr_count(own.reward, teacher.reward) AS teacher_count,
                   regr_avgy(own.reward, teacher.reward) AS teacher_first,
                   regr_avgx(own.reward, teacher.reward) AS teacher_second,
                   regr_syy(own.reward, teacher.reward) AS teacher_first_squares,
                   regr_sxx(own.reward, teacher.reward) AS teacher_second_squares,
                   regr_sxy(own.reward, teacher.reward) AS teacher_products,
                   regr_count(own.reward, serving.reward) AS serving_count,
                   regr_avgy(own.reward, serving.reward) AS serving_first,
                   regr_avgx(own.reward, serving.reward) AS serving_second,
                   regr_syy(own.reward, serving.reward) AS serving_first_squares,
                   regr_sxx(own.reward, serving.reward) AS serving_second_squares,
                   regr_sxy(own.reward, serving.reward) AS serving_products
            FROM newest
            JOIN episode_rewards own ON own.tenant = :tenant AND own.task = :task AND own.policy = :student
                AND own.environment = newest.environment AND own.version = newest.version
            LEFT JOIN episode_rewards teacher ON teacher.tenant = :tenant AND teacher.task = :task
                AND teacher.policy = :teacher AND teacher.environment = own.environment
                AND teacher.version = own.version AND teacher.seed = own.seed
            LEFT JOIN episode_rewards serving ON serving.tenant = :tenant AND serving.task = :task
                AND serving.policy = :serving AND serving.environment = own.environment
                AND serving.version = own.version AND serving.seed = own.seed
            GROUP BY own.environment, own.version
            ORDER BY own.environment
            """;

    private final JdbcClient jdbc;
    private final Clock clock;

    Rewards(JdbcClient jdbc, Clock clock) {
        this.jdbc = jdbc;
        this.clock = clock;
    }

    /** What came of a report: how many of its episodes are new, and how many were there before. */
    record Taken(String environment, String version, int added, int known) {}

    /** An episode as it was reported. @param teacher the teacher's reward with the same seed */
    record Episode(
            String environment,
            String version,
            long seed,
            double reward,
            @Nullable Double teacher,
            String reportedBy,
            Instant reportedAt) {}

    /** @throws PlatformException {@link ProblemType#CONFLICT} if an episode was reported with another reward before */
    @Transactional
    public Taken take(Caller caller, Student student, RewardReport report) {
        int added = insert(caller, student, report, student.id(), report.episodes());
        insert(
                caller,
                student,
                report,
                TEACHER,
                report.episodes().stream()
                        .filter(episode -> episode.teacher() != null)
                        .map(episode -> new RewardReport.Episode(
                                episode.seed(), Objects.requireNonNull(episode.teacher()), null))
                        .toList());
        return new Taken(
                report.environment(), report.version(), added, report.episodes().size() - added);
    }

    private int insert(
            Caller caller, Student student, RewardReport report, String policy, List<RewardReport.Episode> episodes) {
        if (episodes.isEmpty()) {
            return 0;
        }
        Long[] seeds = episodes.stream().map(RewardReport.Episode::seed).toArray(Long[]::new);
        Double[] rewards = episodes.stream().map(RewardReport.Episode::reward).toArray(Double[]::new);
        int added = of(INSERT, caller.tenant(), student.task(), policy)
                .param("environment", report.environment())
                .param("version", report.version())
                .param("seeds", seeds)
                .param("rewards", rewards)
                .param("by", caller.name())
                .param("now", Timestamp.from(clock.instant()))
                .update();
        of(CONTRADICTED, caller.tenant(), student.task(), policy)
                .param("environment", report.environment())
                .param("version", report.version())
                .param("seeds", seeds)
                .param("rewards", rewards)
                .query((row, index) -> contradiction(row, policy))
                .optional()
                .ifPresent(contradiction -> {
                    throw contradiction;
                });
        return added;
    }

    private static PlatformException contradiction(ResultSet row, String policy) throws SQLException {
        return new PlatformException(
                ProblemType.CONFLICT,
                "Episode " + row.getLong("seed") + " of " + (policy.equals(TEACHER) ? "the teacher" : "the student")
                        + " was reported with the reward " + row.getDouble("reward")
                        + " before. What changed the rewards is another version of the environment",
                Map.of("seed", row.getLong("seed")));
    }

    private JdbcClient.StatementSpec of(String sql, String tenant, String task, String policy) {
        return jdbc.sql(sql).param("tenant", tenant).param("task", task).param("policy", policy);
    }

    /** Newest first. */
    Page<Episode> episodes(String tenant, Student student, @Nullable String environment, Paging paging) {
        List<Numbered> found = jdbc.sql(EPISODES)
                .param("tenant", tenant)
                .param("task", student.task())
                .param("student", student.id())
                .param("teacher", TEACHER)
                .param("environment", environment)
                .param("before", paging.beforeNumber())
                .param("limit", paging.fetch())
                .query((row, index) -> new Numbered(row.getLong("number"), episode(row)))
                .list();
        Page<Numbered> page = paging.page(found, row -> Long.toString(row.number()));
        return new Page<>(page.items().stream().map(Numbered::episode).toList(), page.next());
    }

    private record Numbered(long number, Episode episode) {}

    private static Episode episode(ResultSet row) throws SQLException {
        return new Episode(
                row.getString("environment"),
                row.getString("version"),
                row.getLong("seed"),
                row.getDouble("reward"),
                row.getObject("teacher", Double.class),
                row.getString("reported_by"),
                row.getTimestamp("reported_at").toInstant());
    }

    /** By environment. @param serving the student to compare it with, if there is one */
    List<Reward> of(String tenant, Evaluation student, Optional<String> serving) {
        return jdbc.sql(FIGURES)
                .param("tenant", tenant)
                .param("task", student.task())
                .param("student", student.student())
                .param("teacher", TEACHER)
                .param("serving", serving.orElse(""))
                .query((row, index) -> reward(row))
                .list();
    }

    private static Reward reward(ResultSet row) throws SQLException {
        double mean = row.getDouble("mean");
        Optional<Proportions.Interval> interval =
                Means.mean(Means.Pairs.single(row.getLong("episodes"), mean, row.getDouble("squares")));
        return new Reward(
                row.getString("environment"),
                row.getString("version"),
                row.getLong("episodes"),
                Reward.rounded(mean),
                interval.map(found -> Reward.rounded(found.low())).orElse(null),
                interval.map(found -> Reward.rounded(found.high())).orElse(null),
                beside(row, "teacher"),
                beside(row, "serving"),
                row.getTimestamp("reported_at").toInstant());
    }

    private static Reward.@Nullable Beside beside(ResultSet row, String other) throws SQLException {
        Means.Pairs pairs = new Means.Pairs(
                row.getLong(other + "_count"),
                row.getDouble(other + "_first"),
                row.getDouble(other + "_second"),
                row.getDouble(other + "_first_squares"),
                row.getDouble(other + "_second_squares"),
                row.getDouble(other + "_products"));
        if (pairs.count() == 0) {
            return null;
        }
        return new Reward.Beside(
                pairs.count(),
                Reward.rounded(pairs.first()),
                Reward.rounded(pairs.second()),
                Means.difference(pairs).map(Reward.Estimate::of).orElse(null),
                Means.ratio(pairs).map(Reward.Estimate::of).orElse(null));
    }
}
