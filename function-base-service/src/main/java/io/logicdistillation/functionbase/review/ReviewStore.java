package io.logicdistillation.functionbase.review;

import io.logicdistillation.contracts.FunctionTest;
import io.logicdistillation.contracts.PublishedFunction;
import io.logicdistillation.kit.Caller;
import io.logicdistillation.kit.Paging;
import io.logicdistillation.kit.WireJson;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/** Proposals and reviews; every method runs in its caller's transaction. Thread-safe. */
@Component
public final class ReviewStore {
    private static final String PROPOSALS = """
            SELECT f.version, f.name, f.stage, f.handle, f.manual, f.language, f.source, f.tests, f.pinned, p.function_id, p.state,
                p.generation_id, p.proposed_at
            FROM proposals p JOIN functions f ON f.id = p.function_id
            WHERE p.tenant = :tenant AND p.task_id = :task AND p.function_id > :after AND (:state::text IS NULL OR p.state = :state)
            ORDER BY p.function_id LIMIT :limit
            """;

    private final JsonMapper json = WireJson.lenient();

    /** A proposal with its row. */
    record Row(long function, Proposal proposal) {}

    /** Has a generated version wait for a person; one that was judged already stays as it is. */
    public void propose(JdbcClient database, String tenant, long task, long function, UUID generation) {
        database.sql("""
                        INSERT INTO proposals (function_id, tenant, task_id, generation_id, state) VALUES (?, ?, ?, ?, 'waiting')
                        ON CONFLICT (function_id) DO NOTHING
                        """).params(function, tenant, task, generation).update();
    }

    /** Writes down an approval that nobody had to give. */
    public void approveUnseen(JdbcClient database, Caller caller, long task, long function, UUID generation) {
        propose(database, caller.tenant(), task, function, generation);
        record(
                database,
                caller,
                task,
                function,
                Review.Verdict.APPROVE,
                "the generation was asked to approve what passes",
                null);
    }

    /** Writes down a judgement. */
    Review record(
            JdbcClient database,
            Caller caller,
            long task,
            long function,
            Review.Verdict verdict,
            String reason,
            @Nullable String replacedBy) {
        database.sql("""
                        INSERT INTO proposals (function_id, tenant, task_id, state) VALUES (?, ?, ?, ?)
                        ON CONFLICT (function_id) DO UPDATE SET state = excluded.state
                        """)
                .params(function, caller.tenant(), task, verdict.becomes().stored())
                .update();
        long id = database.sql("""
                        INSERT INTO reviews (tenant, task_id, function_id, verdict, reason, replaced_by, by)
                        VALUES (:tenant, :task, :function, :verdict, :reason, :replacedBy, :by) RETURNING id
                        """)
                .param("tenant", caller.tenant())
                .param("task", task)
                .param("function", function)
                .param("verdict", verdict.stored())
                .param("reason", reason)
                .param("replacedBy", replacedBy, Types.VARCHAR)
                .param("by", caller.name())
                .query(Long.class)
                .single();
        return database.sql("SELECT r.*, f.name, f.version FROM reviews r JOIN functions f ON f.id = r.function_id"
                        + " WHERE r.id = ?")
                .param(id)
                .query(ReviewStore::review)
                .single();
    }

    /** The version of a name that a review without a version means: the newest that waits. */
    Optional<String> waiting(JdbcClient database, long task, String name) {
        return database.sql("""
                        SELECT f.version FROM proposals p JOIN functions f ON f.id = p.function_id
                        WHERE p.task_id = ? AND f.name = ? AND p.state = 'waiting' ORDER BY p.function_id DESC LIMIT 1
                        """).params(task, name).query(String.class).optional();
    }

    List<Row> proposals(
            JdbcClient database, String tenant, long task, Proposal.@Nullable State state, long after, Paging paging) {
        return database.sql(PROPOSALS)
                .param("tenant", tenant)
                .param("task", task)
                .param("after", after)
                .param("state", state == null ? null : state.stored(), Types.VARCHAR)
                .param("limit", paging.fetch())
                .query(this::proposal)
                .list();
    }

    /** Of all versions of a name, the newest first. @param before id of the last one seen */
    List<Review> reviews(JdbcClient database, String tenant, long task, String name, long before, Paging paging) {
        return database.sql("""
                        SELECT r.*, f.name, f.version FROM reviews r JOIN functions f ON f.id = r.function_id
                        WHERE r.tenant = ? AND r.task_id = ? AND f.name = ? AND r.id < ? ORDER BY r.id DESC LIMIT ?
                        """)
                .params(tenant, task, name, before, paging.fetch())
                .query(ReviewStore::review)
                .list();
    }

    private static Review review(ResultSet row, int number) throws SQLException {
        return new Review(
                row.getString("id"),
                row.getString("name"),
                row.getString("version"),
                Review.Verdict.valueOf(row.getString("verdict").toUpperCase(Locale.ROOT)),
                row.getString("reason"),
                row.getString("replaced_by"),
                row.getObject("at", OffsetDateTime.class).toInstant(),
                row.getString("by"));
    }

    private Row proposal(ResultSet row, int number) throws SQLException {
        PublishedFunction function = new PublishedFunction(
                row.getString("version"),
                row.getString("name"),
                row.getString("stage"),
                row.getString("handle"),
                row.getString("manual"),
                row.getString("language"),
                row.getString("source"),
                json.readValue(row.getString("tests"), new TypeReference<List<FunctionTest>>() {}),
                row.getBoolean("pinned") ? true : null);
        return new Row(
                row.getLong("function_id"),
                new Proposal(
                        function,
                        Proposal.State.valueOf(row.getString("state").toUpperCase(Locale.ROOT)),
                        row.getString("generation_id"),
                        row.getObject("proposed_at", OffsetDateTime.class).toInstant()));
    }
}
