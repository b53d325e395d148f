package io.logicdistillation.inference.feedback;

import com.github.f4b6a3.uuid.UuidCreator;
import io.logicdistillation.contracts.Decision;
import io.logicdistillation.contracts.Page;
import io.logicdistillation.inference.decisionlog.TenantTransactions;
import io.logicdistillation.kit.WireJson;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.json.JsonMapper;

/** Remembers feedback, for good: it outlives the decision that it is about, and carries what a lesson needs. Thread-safe. */
public final class FeedbackStore {
    private static final int EXAMPLES_AT_ONCE = 500;
    private static final UUID FIRST = new UUID(0, 0);

    private final TenantTransactions transactions;
    private final Clock clock;
    private final JsonMapper json = WireJson.lenient();

    FeedbackStore(TenantTransactions transactions, Clock clock) {
        this.transactions = transactions;
        this.clock = clock;
    }

    /** @param fresh whether it was not what the same author said last about the same stage */
    public record Taken(Feedback feedback, boolean fresh) {}

    /**
     * Takes a statement down, unless it repeats what its author said last about the stage.
     *
     * @param example that the correction makes, if any
     */
    Taken take(
            String tenant, Decision decision, String author, Feedback.Statement statement, @Nullable Example example) {
        UUID about = UUID.fromString(decision.id());
        return transactions.of(tenant, jdbc -> {
            jdbc.sql("SELECT pg_advisory_xact_lock(hashtextextended(:decision, 0)) IS NULL")
                    .param("decision", decision.id())
                    .query(Boolean.class)
                    .single();
            Optional<Feedback> last = last(jdbc, tenant, about, author, statement.stage());
            if (last.isPresent() && last.get().says(statement)) {
                return new Taken(last.get(), false);
            }
            Feedback feedback = new Feedback(
                    UuidCreator.getTimeOrderedEpoch().toString(),
                    decision.id(),
                    author,
                    clock.instant().truncatedTo(ChronoUnit.MICROS),
                    statement);
            insert(jdbc, tenant, decision.task(), feedback, example);
            return new Taken(feedback, true);
        });
    }

    private Optional<Feedback> last(
            JdbcClient jdbc, String tenant, UUID decision, String author, @Nullable String stage) {
        return jdbc.sql("""
                        SELECT * FROM feedback
                        WHERE tenant = :tenant AND decision = :decision AND author = :author
                          AND stage IS NOT DISTINCT FROM CAST(:stage AS text)
                        ORDER BY id DESC LIMIT 1
                        """)
                .param("tenant", tenant)
                .param("decision", decision)
                .param("author", author)
                .param("stage", stage)
                .query(FeedbackStore::row)
                .optional();
    }

    private void insert(JdbcClient jdbc, String tenant, String task, Feedback feedback, @Nullable Example example) {
        Feedback.Statement statement = feedback.statement();
        jdbc.sql("""
                        INSERT INTO feedback
                            (id, tenant, task, decision, stage, reward, correction, comment, author, example, created_at)
                        VALUES (:id, :tenant, :task, :decision, :stage, :reward, :correction, :comment, :author,
                            CAST(:example AS json), :now)
                        ON CONFLICT (id) DO NOTHING
                        """)
                .param("id", UUID.fromString(feedback.id()))
                .param("tenant", tenant)
                .param("task", task)
                .param("decision", UUID.fromString(feedback.decision()))
                .param("stage", statement.stage())
                .param("reward", statement.reward())
                .param("correction", statement.correction())
                .param("comment", statement.comment())
                .param("author", feedback.author())
                .param("example", example == null ? null : json.writeValueAsString(example))
                .param("now", OffsetDateTime.ofInstant(feedback.createdAt(), ZoneOffset.UTC))
                .update();
    }

    /**
     * What was said about a decision, newest first.
     *
     * @param before only what is older than this one
     */
    Page<Feedback.Wire> list(String tenant, String decision, @Nullable UUID before, int limit) {
        List<Feedback> found = transactions.of(
                tenant,
                jdbc -> jdbc.sql("SELECT * FROM feedback WHERE tenant = :tenant AND decision = :decision"
                                + (before == null ? "" : " AND id < :before") + " ORDER BY id DESC LIMIT :limit")
                        .param("tenant", tenant)
                        .param("decision", UUID.fromString(decision))
                        .param("before", before)
                        .param("limit", limit + 1)
                        .query(FeedbackStore::row)
                        .list());
        List<Feedback> page = found.size() > limit ? found.subList(0, limit) : found;
        return new Page<>(
                page.stream().map(Feedback::wire).toList(),
                found.size() > limit ? page.getLast().id() : null);
    }

    /**
     * A few examples of a task, by decision and stage; of several corrections of one stage the newest counts, whoever made it.
     *
     * @param after the last one of the call before
     * @param by whose corrections are asked for; everybody's if absent
     * @return empty at the end
     */
    List<StoredExample> examples(
            String tenant,
            String task,
            @Nullable StoredExample after,
            @Nullable Instant since,
            @Nullable Correctors by) {
        return transactions.of(
                tenant,
                jdbc -> jdbc.sql("""
                        SELECT decision, stage, example
                        FROM (
                            SELECT DISTINCT ON (decision, stage) decision, stage, author, example
                            FROM feedback
                            WHERE tenant = :tenant AND task = :task AND example IS NOT NULL
                              AND (decision, stage) > (:decision, :stage) AND created_at >= :since
                            ORDER BY decision, stage, id DESC) newest
                        WHERE CAST(:teachers AS boolean) IS NULL OR (author = :teacher) = :teachers
                        ORDER BY decision, stage
                        LIMIT :limit
                        """)
                        .param("tenant", tenant)
                        .param("task", task)
                        .param("decision", after == null ? FIRST : after.decision())
                        .param("stage", after == null ? "" : after.stage())
                        .param("since", OffsetDateTime.ofInstant(since == null ? Instant.EPOCH : since, ZoneOffset.UTC))
                        .param("teachers", by == null ? null : by == Correctors.TEACHER)
                        .param("teacher", Feedback.TEACHER)
                        .param("limit", EXAMPLES_AT_ONCE)
                        .query((row, number) -> new StoredExample(
                                row.getObject("decision", UUID.class),
                                row.getString("stage"),
                                row.getString("example")))
                        .list());
    }

    /** @param json one line */
    record StoredExample(UUID decision, String stage, String json) {}

    private static Feedback row(ResultSet row, int number) throws SQLException {
        return new Feedback(
                row.getString("id"),
                row.getString("decision"),
                row.getString("author"),
                row.getObject("created_at", OffsetDateTime.class).toInstant(),
                new Feedback.Statement(
                        row.getString("stage"),
                        row.getObject("reward", Double.class),
                        row.getString("correction"),
                        row.getString("comment")));
    }
}
