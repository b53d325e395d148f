package io.logicdistillation.functionbase.imports;

import com.github.f4b6a3.uuid.UuidCreator;
import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.contracts.ProblemType;
import io.logicdistillation.contracts.TaskDefinition;
import io.logicdistillation.functionbase.background.EventStreams;
import io.logicdistillation.functionbase.background.Events;
import io.logicdistillation.functionbase.background.Lease;
import io.logicdistillation.functionbase.background.Leases;
import io.logicdistillation.functionbase.json.CanonicalJson;
import io.logicdistillation.kit.Caller;
import io.logicdistillation.kit.Paging;
import io.logicdistillation.kit.WireJson;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import tools.jackson.databind.json.JsonMapper;

/** Imports, their leases and events; every method runs in its caller's transaction. Thread-safe. */
@Component
class ImportStore implements EventStreams.Source {
    static final Leases LEASES = new Leases("imports", List.of("uploaded", "verifying", "publishing"), "verifying");

    private static final Events EVENTS = new Events("import_events", "import_id");
    /** Refused functions that a failed import tells. */
    private static final int MOST_ERRORS = 20;

    private final JsonMapper json = WireJson.lenient();

    /** What an import is of. */
    record Content(String task, String snapshot, TaskDefinition definition, int functions) {}

    /** An import as its worker needs it. */
    record Work(Content content, String definitionHash, String createdBy, int refused) {}

    /** One import of a tenant starts at a time, so that none starts twice and no more than may. */
    void lock(JdbcClient database, String tenant) {
        database.sql("SELECT pg_advisory_xact_lock(hashtextextended('imports ' || ?, 0))")
                .param(tenant)
                .query((row, number) -> true)
                .single();
    }

    /** One import of a task is stored at a time: two would wait for each other's functions. @return false if it is another's turn */
    boolean tryTurn(JdbcClient database, String tenant, String task) {
        return database.sql("SELECT pg_try_advisory_xact_lock(hashtextextended('import into ' || ? || ' ' || ?, 0))")
                .params(tenant, task)
                .query(Boolean.class)
                .single();
    }

    /** How many imports of the tenant have not ended. */
    int underWay(JdbcClient database, String tenant) {
        return database.sql("""
                        SELECT count(*) FROM imports
                        WHERE tenant = ? AND state IN ('uploading', 'uploaded', 'verifying', 'publishing')
                        """).param(tenant).query(Integer.class).single();
    }

    /** The newest import of a snapshot that has neither failed nor been cancelled. */
    Optional<Import> of(JdbcClient database, String tenant, String task, String snapshot) {
        return database.sql("""
                        SELECT * FROM imports
                        WHERE tenant = ? AND task = ? AND snapshot = ? AND state NOT IN ('failed', 'cancelled')
                        ORDER BY id DESC LIMIT 1
                        """)
                .params(tenant, task, snapshot)
                .query(ImportStore::map)
                .optional();
    }

    /** @param lease for which nobody takes the upload to be dead */
    UUID insert(JdbcClient database, Caller caller, Content content, Import.State state, Duration lease) {
        UUID id = UuidCreator.getTimeOrderedEpoch();
        boolean ended = state.isFinal();
        database.sql("""
                        INSERT INTO imports
                            (id, tenant, task, snapshot, definition, definition_hash, state, functions, verified, known,
                             created_by, lease_until, finished_at)
                        VALUES (:id, :tenant, :task, :snapshot, :definition::json, :hash, :state, :functions, :done, :done, :by,
                            now() + make_interval(secs => :lease), CASE WHEN :ended THEN now() END)
                        """)
                .param("id", id)
                .param("tenant", caller.tenant())
                .param("task", content.task())
                .param("snapshot", content.snapshot())
                .param("definition", json.writeValueAsString(content.definition()))
                .param("hash", CanonicalJson.hash(content.definition()))
                .param("state", state.stored())
                .param("functions", content.functions())
                .param("done", ended ? content.functions() : 0)
                .param("by", caller.name())
                .param("lease", seconds(lease))
                .param("ended", ended)
                .update();
        event(database, caller.tenant(), id, "state", Map.of("state", state));
        return id;
    }

    /** @throws PlatformException {@link ProblemType#NOT_FOUND} */
    Import get(JdbcClient database, String tenant, String task, String id) {
        return database.sql("SELECT * FROM imports WHERE tenant = ? AND task = ? AND id::text = ?")
                .params(tenant, task, id)
                .query(ImportStore::map)
                .optional()
                .orElseThrow(() -> new PlatformException(ProblemType.NOT_FOUND, "There is no such import"));
    }

    /** The newest first. @param before id of the last one seen */
    List<Import> page(JdbcClient database, String tenant, String task, String before, Paging paging) {
        return database.sql("""
                        SELECT * FROM imports WHERE tenant = ? AND task = ? AND (? = '' OR id::text < ?)
                        ORDER BY id DESC LIMIT ?
                        """)
                .params(tenant, task, before, before, paging.fetch())
                .query(ImportStore::map)
                .list();
    }

    Work work(JdbcClient database, UUID id) {
        return database.sql("SELECT * FROM imports WHERE id = ?")
                .param(id)
                .query((row, number) -> new Work(
                        new Content(
                                row.getString("task"),
                                row.getString("snapshot"),
                                json.readValue(row.getString("definition"), TaskDefinition.class),
                                row.getInt("functions")),
                        row.getString("definition_hash"),
                        row.getString("created_by"),
                        row.getInt("refused")))
                .single();
    }

    /** @return false if the upload was cancelled, or given up because nothing came for too long */
    boolean renewUpload(JdbcClient database, UUID id, Duration lease) {
        return database.sql("""
                        UPDATE imports SET lease_until = now() + make_interval(secs => ?) WHERE id = ? AND state = 'uploading'
                        """).params(seconds(lease), id).update() == 1;
    }

    /** All lines are there. @return false as {@link #renewUpload} */
    boolean uploaded(JdbcClient database, String tenant, UUID id) {
        boolean still = database.sql("""
                                UPDATE imports SET state = 'uploaded', lease_until = NULL, due_at = now()
                                WHERE id = ? AND state = 'uploading'
                                """).param(id).update() == 1;
        if (still) {
            event(database, tenant, id, "state", Map.of("state", Import.State.UPLOADED));
        }
        return still;
    }

    /** Forgets an upload that did not come to its end, with all its lines. */
    void discardUpload(JdbcClient database, UUID id) {
        database.sql("DELETE FROM imports WHERE id = ? AND state = 'uploading'")
                .param(id)
                .update();
    }

    /** Uploads of which nothing has come for as long as their lease, of all tenants. */
    List<Lease> abandonedUploads(JdbcClient database) {
        return database.sql(
                        "SELECT tenant, id, fence FROM imports WHERE state = 'uploading' AND lease_until < now() LIMIT 100")
                .query((row, number) ->
                        new Lease(row.getString("tenant"), row.getObject("id", UUID.class), row.getLong("fence")))
                .list();
    }

    /** What came of some functions. */
    void progress(JdbcClient database, Lease lease, int passed, int refused, Duration worked) {
        database.sql("""
                        UPDATE imports
                        SET verified = verified + ?, refused = refused + ?, worked_millis = worked_millis + ? WHERE id = ?
                        """).params(passed, refused, worked.toMillis(), lease.id()).update();
    }

    /** Tells those who watch how far it is. */
    void tellProgress(JdbcClient database, Lease lease) {
        Import now = database.sql("SELECT * FROM imports WHERE id = ?")
                .param(lease.id())
                .query(ImportStore::map)
                .single();
        Map<String, Object> told = new HashMap<>();
        told.put("functions", now.functions());
        told.put("verified", now.verified());
        told.put("refused", now.refused());
        if (now.etaSeconds() != null) {
            told.put("etaSeconds", now.etaSeconds());
        }
        event(database, lease.tenant(), lease.id(), "progress", told);
    }

    /** Some functions need not be run. */
    void known(JdbcClient database, Lease lease, int known) {
        database.sql("UPDATE imports SET verified = verified + ?, known = known + ? WHERE id = ?")
                .params(known, known, lease.id())
                .update();
    }

    /** Everything has passed. */
    void publishing(JdbcClient database, Lease lease) {
        LEASES.hold(database, lease);
        database.sql("UPDATE imports SET state = 'publishing' WHERE id = ?")
                .param(lease.id())
                .update();
        event(database, lease.tenant(), lease.id(), "state", Map.of("state", Import.State.PUBLISHING));
    }

    /** Ends an import, and with it its lines. @return false if it had ended already */
    boolean end(
            JdbcClient database,
            String tenant,
            UUID id,
            Import.State state,
            @Nullable String cause,
            @Nullable String message) {
        boolean ended = database.sql("""
                        UPDATE imports
                        SET state = :state, cause = :cause, message = :message, finished_at = now(), lease_until = NULL,
                            errors = (
                                SELECT jsonb_agg(jsonb_strip_nulls(jsonb_build_object(
                                    'line', r.line, 'function', r.name, 'cause', r.report #> '{refusal,cause}',
                                    'test', r.report #> '{refusal,test}', 'message', r.report #> '{refusal,message}'))
                                    || jsonb_build_object('report', r.report) ORDER BY r.line)
                                FROM (SELECT line, name, report FROM import_functions
                                      WHERE import_id = :id AND outcome = 'refused' ORDER BY line LIMIT :most) r)
                        WHERE id = :id AND state NOT IN ('completed', 'failed', 'cancelled')
                        """)
                        .param("state", state.stored())
                        .param("cause", cause, Types.VARCHAR)
                        .param("message", message, Types.VARCHAR)
                        .param("most", MOST_ERRORS)
                        .param("id", id)
                        .update()
                == 1;
        if (ended) {
            database.sql("DELETE FROM import_functions WHERE import_id = ?")
                    .param(id)
                    .update();
            EVENTS.state(database, tenant, id, state, cause);
        }
        return ended;
    }

    void event(JdbcClient database, String tenant, UUID id, String kind, Map<String, ?> data) {
        EVENTS.add(database, tenant, id, kind, data);
    }

    @Override
    public boolean hasEnded(JdbcClient database, UUID id) {
        return database.sql("SELECT state FROM imports WHERE id = ?")
                .param(id)
                .query(String.class)
                .optional()
                .map(state -> Import.State.of(state).isFinal())
                .orElse(true);
    }

    @Override
    public List<Events.Event> events(JdbcClient database, UUID id, long after, int limit) {
        return EVENTS.after(database, id, after, limit);
    }

    private static double seconds(Duration duration) {
        return duration.toMillis() / 1e3;
    }

    private static Import map(ResultSet row, int number) throws SQLException {
        OffsetDateTime finished = row.getObject("finished_at", OffsetDateTime.class);
        Import.State state = Import.State.of(row.getString("state"));
        return new Import(
                row.getString("id"),
                row.getString("task"),
                row.getString("snapshot"),
                state,
                row.getInt("functions"),
                row.getInt("verified"),
                row.getInt("known"),
                row.getInt("refused"),
                state == Import.State.VERIFYING ? eta(row) : null,
                row.getString("errors"),
                row.getString("cause"),
                row.getString("message"),
                row.getObject("created_at", OffsetDateTime.class).toInstant(),
                row.getString("created_by"),
                finished == null ? null : finished.toInstant());
    }

    private static @Nullable Long eta(ResultSet row) throws SQLException {
        int done = row.getInt("verified") + row.getInt("refused");
        int run = done - row.getInt("known");
        return run == 0 ? null : row.getLong("worked_millis") * (row.getInt("functions") - done) / run / 1_000;
    }
}
