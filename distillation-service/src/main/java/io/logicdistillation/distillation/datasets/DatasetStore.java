package io.logicdistillation.distillation.datasets;

import com.github.f4b6a3.uuid.UuidCreator;
import io.logicdistillation.contracts.Page;
import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.contracts.ProblemType;
import io.logicdistillation.kit.Caller;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** The datasets of a tenant, and pages of their rows. Every statement names the tenant or a row that was found by it. Thread-safe. */
@Component
public class DatasetStore {
    private static final String SELECT = """
            SELECT d.*, (SELECT count(*) FROM trajectories t WHERE t.dataset = d.number) AS rows
            FROM datasets d
            WHERE d.tenant = :tenant
            """;
    private static final String INSERT = """
            INSERT INTO datasets (tenant, id, name, task, held_out, seed, created_by, created_at)
            VALUES (:tenant, :id, :name, :task, :heldOut, :seed, :createdBy, :createdAt)
            """;
    private static final String ROWS = """
            SELECT number, held_out, line
            FROM trajectories
            WHERE dataset = :dataset AND number > :after
              AND (cast(:stage AS text) IS NULL OR stage = :stage)
              AND (cast(:chosen AS text) IS NULL OR chosen = :chosen)
              AND (cast(:heldOut AS boolean) IS NULL OR held_out = :heldOut)
            ORDER BY number
            LIMIT :limit
            """;
    /** By the hashes of their views, which mixes episodes and is the same choice every time; the stages in turns. */
    private static final String HELD_OUT = """
            SELECT line
            FROM (
                SELECT line, stage, row_number() OVER (PARTITION BY stage ORDER BY view_sha256) AS place
                FROM trajectories
                WHERE dataset = :dataset AND held_out) AS numbered
            WHERE place <= :most
            ORDER BY place, stage
            """;

    private final JdbcClient jdbc;
    private final Clock clock;

    DatasetStore(JdbcClient jdbc, Clock clock) {
        this.jdbc = jdbc;
        this.clock = clock;
    }

    /** What a client says of a new dataset. */
    record Definition(String name, String task, double heldOut, long seed) {}

    /** Which rows to show; null where it does not matter. */
    record Filter(
            @Nullable String stage,
            @Nullable String chosen,
            @Nullable Boolean heldOut) {}

    /** A row with its place in the dataset. */
    record Row(long number, boolean heldOut, String line) {}

    /** @throws PlatformException {@link ProblemType#CONFLICT} if the name is taken */
    Dataset create(Caller caller, Definition definition) {
        UUID id = UuidCreator.getTimeOrderedEpoch();
        try {
            jdbc.sql(INSERT)
                    .param("tenant", caller.tenant())
                    .param("id", id)
                    .param("name", definition.name())
                    .param("task", definition.task())
                    .param("heldOut", definition.heldOut())
                    .param("seed", definition.seed())
                    .param("createdBy", caller.name())
                    .param("createdAt", Timestamp.from(clock.instant()))
                    .update();
        } catch (DuplicateKeyException taken) {
            throw new PlatformException(
                    ProblemType.CONFLICT, "There is a dataset '" + definition.name() + "' already", taken);
        }
        return get(caller.tenant(), id.toString());
    }

    /**
     * @param idOrName names do not look like ids
     * @throws PlatformException {@link ProblemType#UNKNOWN_DATASET}
     */
    public Dataset get(String tenant, String idOrName) {
        Optional<UUID> id = uuid(idOrName);
        return jdbc.sql(SELECT + (id.isPresent() ? " AND d.id = :key" : " AND d.name = :key"))
                .param("tenant", tenant)
                .param("key", id.<Object>map(found -> found).orElse(idOrName))
                .query(DatasetStore::dataset)
                .optional()
                .orElseThrow(() ->
                        new PlatformException(ProblemType.UNKNOWN_DATASET, "There is no dataset '" + idOrName + "'"));
    }

    /** Newest first. */
    Page<Dataset> page(String tenant, @Nullable Long before, int limit) {
        List<Dataset> found = jdbc.sql(
                        SELECT
                                + " AND (cast(:before AS bigint) IS NULL OR d.number < :before) ORDER BY d.number DESC LIMIT :limit")
                .param("tenant", tenant)
                .param("before", before)
                .param("limit", limit + 1)
                .query(DatasetStore::dataset)
                .list();
        List<Dataset> shown = found.subList(0, Math.min(limit, found.size()));
        return new Page<>(
                shown, found.size() > limit ? Cursor.of(shown.getLast().number()) : null);
    }

    /** In the order of arrival. */
    List<Row> rows(Dataset dataset, Filter filter, long after, int limit) {
        return jdbc.sql(ROWS)
                .param("dataset", dataset.number())
                .param("after", after)
                .param("stage", filter.stage())
                .param("chosen", filter.chosen())
                .param("heldOut", filter.heldOut())
                .param("limit", limit)
                .query((row, index) ->
                        new Row(row.getLong("number"), row.getBoolean("held_out"), row.getString("line")))
                .list();
    }

    /**
     * Rows that no training saw, as they were uploaded.
     *
     * @param most of every stage
     */
    public List<String> heldOut(Dataset dataset, int most) {
        return jdbc.sql(HELD_OUT)
                .param("dataset", dataset.number())
                .param("most", most)
                .query((row, index) -> row.getString("line"))
                .list();
    }

    private static Optional<UUID> uuid(String text) {
        try {
            return Optional.of(UUID.fromString(text));
        } catch (IllegalArgumentException name) {
            return Optional.empty();
        }
    }

    private static Dataset dataset(ResultSet row, int index) throws SQLException {
        return new Dataset(
                row.getLong("number"),
                row.getString("id"),
                row.getString("name"),
                row.getString("task"),
                row.getDouble("held_out"),
                row.getLong("seed"),
                row.getLong("rows"),
                row.getString("created_by"),
                row.getTimestamp("created_at").toInstant());
    }
}
