package io.logicdistillation.distillation.datasets;

import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.contracts.ProblemType;
import io.logicdistillation.kit.Caller;
import io.logicdistillation.kit.Sha256;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;

/** Versions of a dataset: named, hashed, downloadable, never different later. Thread-safe. */
@Component
public class Versions {
    private static final int FETCH = 1_000;
    private static final String LOCK = "SELECT number FROM datasets WHERE number = :dataset FOR UPDATE";
    private static final String STATE = """
            SELECT coalesce(max(number), 0) AS up_to, count(*) AS rows FROM trajectories WHERE dataset = :dataset
            """;
    private static final String SELECT = "SELECT * FROM dataset_versions WHERE dataset = :dataset";
    private static final String INSERT = """
            INSERT INTO dataset_versions (dataset, version, up_to, rows, sha256, created_by, created_at)
            VALUES (:dataset, :version, :upTo, :rows, :sha256, :createdBy, :createdAt)
            """;
    private static final String LINES = """
            SELECT line FROM trajectories
            WHERE dataset = :dataset AND number <= :upTo AND (cast(:heldOut AS boolean) IS NULL OR held_out = :heldOut)
            ORDER BY number
            """;

    private final JdbcClient jdbc;
    private final Clock clock;

    Versions(JdbcClient jdbc, Clock clock) {
        this.jdbc = jdbc;
        this.clock = clock;
    }

    /** @param created false if nothing was added since the version */
    record Sealed(DatasetVersion version, boolean created) {}

    /**
     * Gives what is there now a number and a hash.
     *
     * @throws PlatformException {@link ProblemType#CONFLICT} if there are no rows
     */
    @Transactional
    public Sealed seal(Caller caller, Dataset dataset) {
        jdbc.sql(LOCK).param("dataset", dataset.number()).query(Long.class).single();
        long[] state = jdbc.sql(STATE)
                .param("dataset", dataset.number())
                .query((row, index) -> new long[] {row.getLong("up_to"), row.getLong("rows")})
                .single();
        if (state[1] == 0) {
            throw new PlatformException(ProblemType.CONFLICT, "The dataset has no rows yet");
        }
        Optional<DatasetVersion> newest = list(dataset).stream().findFirst();
        if (newest.isPresent() && newest.get().upTo() == state[0]) {
            return new Sealed(newest.get(), false);
        }
        DatasetVersion version = new DatasetVersion(
                newest.map(DatasetVersion::version).orElse(0) + 1,
                state[0],
                state[1],
                hash(dataset, state[0]),
                caller.name(),
                clock.instant().truncatedTo(ChronoUnit.MICROS));
        jdbc.sql(INSERT)
                .param("dataset", dataset.number())
                .param("version", version.version())
                .param("upTo", version.upTo())
                .param("rows", version.rows())
                .param("sha256", version.sha256())
                .param("createdBy", version.createdBy())
                .param("createdAt", Timestamp.from(version.createdAt()))
                .update();
        return new Sealed(version, true);
    }

    /** Newest first. */
    public List<DatasetVersion> list(Dataset dataset) {
        return jdbc.sql(SELECT + " ORDER BY version DESC")
                .param("dataset", dataset.number())
                .query(Versions::version)
                .list();
    }

    /** @throws PlatformException {@link ProblemType#UNKNOWN_DATASET} if the dataset has no such version */
    public DatasetVersion get(Dataset dataset, int version) {
        return jdbc.sql(SELECT + " AND version = :version")
                .param("dataset", dataset.number())
                .param("version", version)
                .query(Versions::version)
                .optional()
                .orElseThrow(() -> new PlatformException(
                        ProblemType.UNKNOWN_DATASET, "Dataset '" + dataset.name() + "' has no version " + version));
    }

    /**
     * Writes the rows of a version, one JSON object a line.
     *
     * @param heldOut one side of the split, or null for both
     */
    @Transactional(readOnly = true)
    public void write(Dataset dataset, DatasetVersion version, @Nullable Boolean heldOut, OutputStream out) {
        write(dataset, version.upTo(), heldOut, out);
    }

    private String hash(Dataset dataset, long upTo) {
        MessageDigest digest = Sha256.digest();
        write(dataset, upTo, null, new DigestOutputStream(OutputStream.nullOutputStream(), digest));
        return Sha256.hex(digest.digest());
    }

    /** With a fetch size and inside a transaction the driver reads through a cursor, so memory stays flat. */
    private void write(Dataset dataset, long upTo, @Nullable Boolean heldOut, OutputStream out) {
        jdbc.sql(LINES)
                .param("dataset", dataset.number())
                .param("upTo", upTo)
                .param("heldOut", heldOut)
                .withFetchSize(FETCH)
                .query(row -> {
                    try {
                        out.write(row.getString("line").getBytes(StandardCharsets.UTF_8));
                        out.write('\n');
                    } catch (IOException gone) {
                        throw new UncheckedIOException(gone);
                    }
                });
    }

    private static DatasetVersion version(ResultSet row, int index) throws SQLException {
        return new DatasetVersion(
                row.getInt("version"),
                row.getLong("up_to"),
                row.getLong("rows"),
                row.getString("sha256"),
                row.getString("created_by"),
                row.getTimestamp("created_at").toInstant());
    }
}
