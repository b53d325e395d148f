package io.logicdistillation.functionbase.generation;

import com.github.f4b6a3.uuid.UuidCreator;
import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.contracts.ProblemType;
import io.logicdistillation.functionbase.background.EventStreams;
import io.logicdistillation.functionbase.background.Events;
import io.logicdistillation.functionbase.background.Lease;
import io.logicdistillation.functionbase.background.Leases;
import io.logicdistillation.functionbase.background.Stopped;
import io.logicdistillation.functionbase.task.StoredTask;
import io.logicdistillation.kit.Caller;
import io.logicdistillation.kit.Paging;
import io.logicdistillation.kit.WireJson;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import tools.jackson.databind.json.JsonMapper;

/** Generations, their leases and events; every method runs in its caller's transaction. Thread-safe. */
@Component
class GenerationStore implements EventStreams.Source {
    private static final List<String> OPEN = List.of("queued", "running");
    static final Leases LEASES = new Leases("generations", OPEN, "running");

    private static final Events EVENTS = new Events("generation_events", "generation_id");

    private static final String SELECT = """
            SELECT g.*, c.written, c.duplicates, c.refused, c.passed, c.admitted, c.waiting, c.rejected
            FROM generations g CROSS JOIN LATERAL (
                SELECT count(*) AS written,
                    count(*) FILTER (WHERE c.outcome = 'duplicate') AS duplicates,
                    count(*) FILTER (WHERE c.outcome = 'refused') AS refused,
                    count(*) FILTER (WHERE c.outcome = 'passed') AS passed,
                    count(*) FILTER (WHERE c.outcome = 'passed' AND p.state = 'approved') AS admitted,
                    count(*) FILTER (WHERE c.outcome = 'passed' AND p.state = 'waiting') AS waiting,
                    count(*) FILTER (WHERE c.outcome = 'passed' AND p.state IN ('rejected', 'edited')) AS rejected
                FROM candidates c
                LEFT JOIN functions f ON f.task_id = c.task_id AND f.version = c.version
                LEFT JOIN proposals p ON p.function_id = f.id
                WHERE c.generation_id = g.id) c
            """;

    private final JsonMapper json = WireJson.lenient();

    /** A generation as its worker needs it. */
    record Work(
            UUID id,
            String task,
            String definitionHash,
            GenerationRequest request,
            @Nullable String emergency,
            String createdBy,
            int pauses) {}

    /** @param emergency JSON of what the function is for, where it is for one */
    UUID insert(
            JdbcClient database,
            Caller caller,
            StoredTask task,
            GenerationRequest request,
            @Nullable String emergency) {
        UUID id = UuidCreator.getTimeOrderedEpoch();
        database.sql("""
                        INSERT INTO generations (id, tenant, task_id, task, definition_hash, request, emergency, state, created_by)
                        VALUES (:id, :tenant, :taskId, :task, :hash, :request::jsonb, :emergency::jsonb, 'queued', :by)
                        """)
                .param("id", id)
                .param("tenant", caller.tenant())
                .param("taskId", task.id())
                .param("task", task.definition().name())
                .param("hash", task.hash())
                .param("request", json.writeValueAsString(request))
                .param("emergency", emergency, Types.VARCHAR)
                .param("by", caller.name())
                .update();
        event(database, caller.tenant(), id, "state", Map.of("state", "queued"));
        return id;
    }

    Optional<String> underWay(JdbcClient database, long task) {
        return database.sql("SELECT id FROM generations WHERE task_id = ? AND state IN ('queued', 'running')")
                .param(task)
                .query((row, number) -> row.getString("id"))
                .optional();
    }

    /** @throws PlatformException {@link ProblemType#NOT_FOUND} */
    Generation get(JdbcClient database, long task, String id) {
        return database.sql(SELECT + "WHERE g.task_id = ? AND g.id::text = ?")
                .params(task, id)
                .query(GenerationStore::map)
                .optional()
                .orElseThrow(() -> new PlatformException(ProblemType.NOT_FOUND, "There is no such generation"));
    }

    /** The newest first. @param before id of the last one seen */
    List<Generation> page(JdbcClient database, long task, String before, Paging paging) {
        return database.sql(SELECT + "WHERE g.task_id = ? AND (? = '' OR g.id::text < ?) ORDER BY g.id DESC LIMIT ?")
                .params(task, before, before, paging.fetch())
                .query(GenerationStore::map)
                .list();
    }

    Work work(JdbcClient database, UUID id) {
        return database.sql(
                        "SELECT id, task, definition_hash, request, emergency, created_by, pauses FROM generations WHERE id = ?")
                .param(id)
                .query((row, number) -> new Work(
                        id,
                        row.getString("task"),
                        row.getString("definition_hash"),
                        json.readValue(row.getString("request"), GenerationRequest.class),
                        row.getString("emergency"),
                        row.getString("created_by"),
                        row.getInt("pauses")))
                .single();
    }

    /**
     * Keeps the row until the end of the transaction, if the work is still this worker's.
     *
     * @throws Stopped if it was cancelled or taken over
     */
    void hold(JdbcClient database, Lease lease) {
        LEASES.hold(database, lease);
    }

    void progress(JdbcClient database, Lease lease, int round, String step) {
        database.sql("UPDATE generations SET round = ?, step = ? WHERE id = ?")
                .params(round, step, lease.id())
                .update();
    }

    void gaps(JdbcClient database, Lease lease, Object gaps) {
        database.sql("UPDATE generations SET gaps = ?::jsonb WHERE id = ?")
                .params(json.writeValueAsString(gaps), lease.id())
                .update();
    }

    void result(JdbcClient database, Lease lease, String result) {
        database.sql("UPDATE generations SET result = ?::jsonb WHERE id = ?")
                .params(result, lease.id())
                .update();
    }

    /** @return false if it had ended already */
    boolean finish(
            JdbcClient database,
            String tenant,
            UUID id,
            Generation.State state,
            @Nullable String cause,
            @Nullable String message) {
        boolean ended = database.sql("""
                        UPDATE generations
                        SET state = :state, cause = :cause, message = :message, finished_at = now(), lease_until = NULL
                        WHERE id = :id AND state IN ('queued', 'running')
                        """)
                        .param("state", state.stored())
                        .param("cause", cause, Types.VARCHAR)
                        .param("message", message, Types.VARCHAR)
                        .param("id", id)
                        .update()
                == 1;
        if (ended) {
            EVENTS.state(database, tenant, id, state, cause);
        }
        return ended;
    }

    void event(JdbcClient database, String tenant, UUID id, String kind, Map<String, ?> data) {
        EVENTS.add(database, tenant, id, kind, data);
    }

    @Override
    public boolean hasEnded(JdbcClient database, UUID id) {
        return database.sql("SELECT state FROM generations WHERE id = ?")
                .param(id)
                .query(String.class)
                .optional()
                .map(state -> !OPEN.contains(state))
                .orElse(true);
    }

    @Override
    public List<Events.Event> events(JdbcClient database, UUID id, long after, int limit) {
        return EVENTS.after(database, id, after, limit);
    }

    private static Generation map(ResultSet row, int number) throws SQLException {
        OffsetDateTime finished = row.getObject("finished_at", OffsetDateTime.class);
        return new Generation(
                row.getString("id"),
                row.getString("task"),
                Generation.State.valueOf(row.getString("state").toUpperCase(Locale.ROOT)),
                row.getString("request"),
                row.getInt("round"),
                row.getString("step"),
                new Generation.Functions(
                        row.getInt("written"),
                        row.getInt("passed"),
                        row.getInt("admitted"),
                        row.getInt("waiting"),
                        row.getInt("refused") + row.getInt("rejected"),
                        row.getInt("duplicates")),
                new Generation.Tokens(
                        row.getLong("input_tokens"), row.getLong("output_tokens"), row.getLong("reserved_tokens")),
                Amount.money(row.getLong("micros")),
                Amount.money(row.getLong("reserved_micros")),
                row.getString("gaps"),
                row.getString("emergency"),
                row.getString("result"),
                row.getString("cause"),
                row.getString("message"),
                row.getObject("created_at", OffsetDateTime.class).toInstant(),
                row.getString("created_by"),
                finished == null ? null : finished.toInstant());
    }
}
