package io.logicdistillation.functionbase.background;

import io.logicdistillation.kit.WireJson;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.json.JsonMapper;

/**
 * What happened to pieces of work, in a table with the columns {@code number}, {@code tenant}, {@code kind}, {@code data} and one that
 * names the piece. Every method runs in its caller's transaction. Thread-safe.
 */
public final class Events {
    private static final JsonMapper JSON = WireJson.lenient();

    private final String table;
    private final String of;

    /**
     * @param table of our own migrations
     * @param of its column that names the piece of work
     */
    public Events(String table, String of) {
        this.table = table;
        this.of = of;
    }

    /** One thing that happened. @param data a JSON object */
    public record Event(long number, String kind, String data) {}

    public void add(JdbcClient database, String tenant, UUID id, String kind, Map<String, ?> data) {
        database.sql("INSERT INTO %s (tenant, %s, kind, data) VALUES (?, ?, ?, ?)".formatted(table, of))
                .params(tenant, id, kind, JSON.writeValueAsString(data))
                .update();
    }

    /** Where the piece of work stands from now on. @param cause why it failed; absent where it did not */
    public void state(JdbcClient database, String tenant, UUID id, Object state, @Nullable String cause) {
        add(
                database,
                tenant,
                id,
                "state",
                cause == null ? Map.of("state", state) : Map.of("state", state, "cause", cause));
    }

    /** In the order in which they happened. @param after the number of the last one seen */
    public List<Event> after(JdbcClient database, UUID id, long after, int limit) {
        return database.sql("SELECT number, kind, data FROM %s WHERE %s = ? AND number > ? ORDER BY number LIMIT ?"
                        .formatted(table, of))
                .params(id, after, limit)
                .query((row, number) -> new Event(row.getLong("number"), row.getString("kind"), row.getString("data")))
                .list();
    }
}
