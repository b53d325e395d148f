package io.logicdistillation.functionbase.imports;

import io.logicdistillation.contracts.FunctionDefinition;
import io.logicdistillation.functionbase.background.Lease;
import io.logicdistillation.functionbase.task.StoredTask;
import io.logicdistillation.kit.WireJson;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import tools.jackson.databind.json.JsonMapper;

/** The functions of imports that have not ended; every method runs in its caller's transaction. Thread-safe. */
@Component
class StagedStore {
    private static final int FETCHED_AT_ONCE = 1_000;

    private final JsonMapper json = WireJson.lenient();

    /** @return those that were not stored, because another line has their name, or their handle in their stage */
    List<Staged> insert(JdbcClient database, String tenant, UUID id, List<Staged> batch) {
        Set<Integer> stored = new HashSet<>(database.sql("""
                        INSERT INTO import_functions (tenant, import_id, line, version, name, stage, handle, definition)
                        SELECT :tenant, :id, row.line, row.version, row.name, row.stage, row.handle, row.definition::json
                        FROM unnest(:lines, :versions, :names, :stages, :handles, :definitions)
                            AS row (line, version, name, stage, handle, definition)
                        ORDER BY row.line
                        ON CONFLICT DO NOTHING RETURNING line
                        """)
                .param("tenant", tenant)
                .param("id", id)
                .param("lines", batch.stream().map(Staged::line).toArray(Integer[]::new))
                .param("versions", texts(batch, Staged::version))
                .param("names", texts(batch, each -> each.function().name()))
                .param("stages", texts(batch, each -> each.function().stage()))
                .param("handles", texts(batch, each -> each.function().handle()))
                .param("definitions", texts(batch, each -> json.writeValueAsString(each.function())))
                .query((row, number) -> row.getInt(1))
                .list());
        return batch.stream().filter(each -> !stored.contains(each.line())).toList();
    }

    /** The line that has the name already. */
    Optional<Integer> lineOfName(JdbcClient database, UUID id, String name) {
        return database.sql("SELECT line FROM import_functions WHERE import_id = ? AND name = ?")
                .params(id, name)
                .query(Integer.class)
                .optional();
    }

    /** The name of the function that has the handle already. */
    Optional<String> nameOfHandle(JdbcClient database, UUID id, String stage, String handle) {
        return database.sql("SELECT name FROM import_functions WHERE import_id = ? AND stage = ? AND handle = ?")
                .params(id, stage, handle)
                .query(String.class)
                .optional();
    }

    /** Gives all versions, sorted, to somebody who does not keep them. */
    <T> T withVersions(JdbcClient database, UUID id, Function<Iterator<String>, T> reader) {
        try (Stream<String> versions = database
                .sql("SELECT version FROM import_functions WHERE import_id = ? ORDER BY version COLLATE \"C\"")
                .param(id)
                .withFetchSize(FETCHED_AT_ONCE)
                .query((row, number) -> row.getString(1))
                .stream()) {
            return reader.apply(versions.iterator());
        }
    }

    int lastLine(JdbcClient database, UUID id) {
        return database.sql("SELECT coalesce(max(line), 0) FROM import_functions WHERE import_id = ?")
                .param(id)
                .query(Integer.class)
                .single();
    }

    /** The stages that have a function. */
    List<String> stages(JdbcClient database, UUID id) {
        return database.sql("SELECT DISTINCT stage FROM import_functions WHERE import_id = ?")
                .param(id)
                .query((row, number) -> row.getString(1))
                .list();
    }

    /** Passes over what has passed here before under the same definition. @return how many these are */
    int markKnown(JdbcClient database, Lease lease, long task, String definitionHash) {
        return database.sql("""
                        UPDATE import_functions i SET outcome = 'known'
                        FROM functions f JOIN verifications v ON v.function_id = f.id AND v.definition_hash = :hash
                        WHERE i.import_id = :id AND i.outcome = 'waiting' AND f.task_id = :task AND f.version = i.version
                        """)
                .param("hash", definitionHash)
                .param("id", lease.id())
                .param("task", task)
                .update();
    }

    /** Functions of a stage that are not verified yet. */
    List<Staged> waiting(JdbcClient database, UUID id, String stage, int most) {
        return database.sql("""
                        SELECT line, version, definition FROM import_functions
                        WHERE import_id = ? AND stage = ? AND outcome = 'waiting' ORDER BY line LIMIT ?
                        """)
                .params(id, stage, most)
                .query((row, number) -> new Staged(
                        row.getInt("line"),
                        row.getString("version"),
                        json.readValue(row.getString("definition"), FunctionDefinition.class)))
                .list();
    }

    /** Functions of some stages, the first ones of each. */
    List<FunctionDefinition> first(JdbcClient database, UUID id, Collection<String> stages, int ofEach) {
        return database.sql("""
                        SELECT f.definition FROM unnest(?) AS s (stage) CROSS JOIN LATERAL (
                            SELECT i.line, i.definition FROM import_functions i
                            WHERE i.import_id = ? AND i.stage = s.stage ORDER BY i.line LIMIT ?) f
                        ORDER BY f.line
                        """)
                .params(stages.toArray(String[]::new), id, ofEach)
                .query((row, number) -> json.readValue(row.getString(1), FunctionDefinition.class))
                .list();
    }

    /** Functions of a stage in the order of their lines. @param after line of the last one seen */
    List<Staged> page(JdbcClient database, UUID id, String stage, int after, int most) {
        return database.sql("""
                        SELECT line, version, definition FROM import_functions
                        WHERE import_id = ? AND stage = ? AND line > ? ORDER BY line LIMIT ?
                        """)
                .params(id, stage, after, most)
                .query((row, number) -> new Staged(
                        row.getInt("line"),
                        row.getString("version"),
                        json.readValue(row.getString("definition"), FunctionDefinition.class)))
                .list();
    }

    void save(JdbcClient database, UUID id, List<Staged.Verified> verified) {
        database.sql("""
                        UPDATE import_functions i
                        SET outcome = row.outcome, report = row.report::jsonb, embedding = row.embedding::vector
                        FROM unnest(:lines, :outcomes, :reports, :embeddings) AS row (line, outcome, report, embedding)
                        WHERE i.import_id = :id AND i.line = row.line
                        """)
                .param(
                        "lines",
                        verified.stream().map(each -> each.staged().line()).toArray(Integer[]::new))
                .param("outcomes", texts(verified, each -> each.report().passed() ? "passed" : "refused"))
                .param("reports", texts(verified, each -> json.writeValueAsString(each.report())))
                .param("embeddings", verified.stream().map(StagedStore::vector).toArray(String[]::new))
                .param("id", id)
                .update();
    }

    private static @Nullable String vector(Staged.Verified verified) {
        return verified.report().passed() ? Arrays.toString(verified.embedding()) : null;
    }

    /**
     * Makes functions of the task from some lines, with their reports. What it has already stays as it is.
     *
     * @return the rows that the task has for these lines, in their order
     */
    List<Long> admit(JdbcClient database, Lease lease, StoredTask task, Admission admission, int from, int to) {
        Map<String, Long> rows = insert(database, lease, task, admission, from, to);
        List<String> versions = database.sql(
                        "SELECT version FROM import_functions WHERE import_id = ? AND line BETWEEN ? AND ? ORDER BY line")
                .params(lease.id(), from, to)
                .query((row, number) -> row.getString("version"))
                .list();
        List<String> known =
                versions.stream().filter(version -> !rows.containsKey(version)).toList();
        if (!known.isEmpty()) {
            rows.putAll(rows(database, task, known));
        }
        database.sql("""
                        INSERT INTO verifications (tenant, function_id, definition_hash, report)
                        SELECT i.tenant, row.id, :hash, i.report
                        FROM import_functions i JOIN unnest(:versions, :rows) AS row (version, id) ON row.version = i.version
                        WHERE i.import_id = :id AND i.line BETWEEN :from AND :to AND i.outcome = 'passed'
                        ON CONFLICT (function_id, definition_hash) DO UPDATE
                            SET report = excluded.report, verified_at = now()
                        """)
                .param("hash", admission.definitionHash())
                .param("versions", rows.keySet().toArray(String[]::new))
                .param("rows", rows.values().toArray(Long[]::new))
                .param("id", lease.id())
                .param("from", from)
                .param("to", to)
                .update();
        return versions.stream()
                .flatMap(version -> Stream.ofNullable(rows.get(version)))
                .toList();
    }

    /** @return rows of those that are new, by version */
    private static Map<String, Long> insert(
            JdbcClient database, Lease lease, StoredTask task, Admission admission, int from, int to) {
        Map<String, Long> rows = new LinkedHashMap<>();
        database.sql("""
                        INSERT INTO functions
                            (tenant, task_id, version, name, stage, handle, manual, language, source, tests, pinned, embedding,
                             created_by)
                        SELECT i.tenant, :task, i.version, i.name, i.stage, i.handle, i.definition ->> 'manual',
                            i.definition ->> 'language', i.definition ->> 'source', (i.definition -> 'tests')::jsonb,
                            coalesce((i.definition ->> 'pinned')::boolean, false), i.embedding::halfvec, :by
                        FROM import_functions i
                        WHERE i.import_id = :id AND i.line BETWEEN :from AND :to AND i.outcome = 'passed' ORDER BY i.line
                        ON CONFLICT (task_id, version) DO NOTHING
                        RETURNING version, id
                        """)
                .param("task", task.id())
                .param("by", admission.by())
                .param("id", lease.id())
                .param("from", from)
                .param("to", to)
                .query(row -> {
                    rows.put(row.getString("version"), row.getLong("id"));
                });
        return rows;
    }

    /**
     * Rows of versions that the task has. Each is looked up by itself: Postgres takes the functions that this transaction has just made for none
     * and would read all of them to find several at once, for every lot of lines more than for the one before.
     */
    private static Map<String, Long> rows(JdbcClient database, StoredTask task, List<String> versions) {
        Map<String, Long> rows = new LinkedHashMap<>();
        database.sql("""
                        SELECT wanted.version, found.id FROM unnest(:versions) AS wanted (version) CROSS JOIN LATERAL (
                            SELECT id FROM functions WHERE task_id = :task AND version = wanted.version LIMIT 1) AS found
                        """)
                .param("versions", versions.toArray(String[]::new))
                .param("task", task.id())
                .query(row -> {
                    rows.put(row.getString("version"), row.getLong("id"));
                });
        return rows;
    }

    /** @param by who started the import */
    record Admission(String by, String definitionHash) {}

    private static <T> String[] texts(List<T> of, Function<T, String> text) {
        return of.stream().map(text).toArray(String[]::new);
    }
}
