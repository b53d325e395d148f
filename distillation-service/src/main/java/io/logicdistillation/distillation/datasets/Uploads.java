package io.logicdistillation.distillation.datasets;

import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.contracts.ProblemType;
import io.logicdistillation.distillation.datasets.UploadReport.LineError;
import io.logicdistillation.kit.NdjsonReader;
import java.io.IOException;
import java.io.InputStream;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/**
 * Takes trajectories in. Lines are stored in batches; each batch and the count of lines dealt with commit together, so an
 * upload that was cut goes on where the last batch ended, and sending lines again changes nothing. Memory does not grow with
 * the upload. Thread-safe; uploads into one dataset take turns batch by batch.
 */
@Component
class Uploads {
    private static final int BATCH = 500;
    private static final int LONGEST_LINE = 256 << 10;
    private static final int ERRORS_KEPT = 100;
    private static final TypeReference<List<LineError>> ERRORS = new TypeReference<>() {};

    private static final String LOCK = "SELECT number FROM datasets WHERE number = :dataset FOR UPDATE";
    private static final String FIND = "SELECT * FROM uploads WHERE dataset = :dataset AND id = :id";
    /** Rows come in the order of their lines; of two with one view the first stays. */
    private static final String INSERT = """
            INSERT INTO trajectories (dataset, number, episode, stage, view_sha256, chosen, held_out, line)
            SELECT :dataset, base.number + row.place, row.episode, row.stage, row.view, row.chosen, row.held_out, row.line
            FROM (SELECT coalesce(max(number), 0) AS number FROM trajectories WHERE dataset = :dataset) base,
                 unnest(:episodes, :stages, :views, :choices, :heldOut, :lines)
                     WITH ORDINALITY AS row (episode, stage, view, chosen, held_out, line, place)
            ORDER BY row.place
            ON CONFLICT (dataset, stage, view_sha256) DO NOTHING
            """;

    private static final String CHOICES = """
            SELECT row.place, t.chosen
            FROM unnest(:stages, :views) WITH ORDINALITY AS row (stage, view, place)
            JOIN trajectories t ON t.dataset = :dataset AND t.stage = row.stage AND t.view_sha256 = row.view
            """;
    private static final String SAVE = """
            INSERT INTO uploads (dataset, id, lines, accepted, repeated, refused, errors, updated_at)
            VALUES (:dataset, :id, :lines, :accepted, :repeated, :refused, :errors, :now)
            ON CONFLICT (dataset, id) DO UPDATE
            SET lines = excluded.lines, accepted = excluded.accepted, repeated = excluded.repeated,
                refused = excluded.refused, errors = excluded.errors, updated_at = excluded.updated_at
            """;

    private final JdbcClient jdbc;
    private final TransactionTemplate transactions;
    private final Clock clock;
    private final JsonMapper json;

    Uploads(JdbcClient jdbc, PlatformTransactionManager manager, Clock clock, JsonMapper json) {
        this.jdbc = jdbc;
        this.transactions = new TransactionTemplate(manager);
        this.clock = clock;
        this.json = json;
    }

    /**
     * Reads to the end of the body.
     *
     * @param first the number of the body's first line; lines that were dealt with before are passed over
     * @throws IOException if the client goes away; what was stored stays
     * @throws PlatformException {@link ProblemType#CONFLICT} if lines between the last one and the first of the body are missing
     */
    UploadReport take(Dataset dataset, String upload, long first, InputStream body) throws IOException {
        UploadReport report = find(dataset, upload).orElse(UploadReport.none(upload));
        if (first > report.lines() + 1) {
            throw new PlatformException(
                    ProblemType.CONFLICT,
                    "Upload '" + upload + "' goes on at line " + (report.lines() + 1) + ", not at " + first,
                    Map.of("lines", report.lines()));
        }
        NdjsonReader reader = new NdjsonReader(body, first, LONGEST_LINE);
        Batch batch = new Batch();
        for (NdjsonReader.Line line = reader.next(); line != null; line = reader.next()) {
            if (line.number() <= report.lines()) {
                continue;
            }
            batch.add(line, dataset);
            if (batch.lines == BATCH) {
                report = store(dataset, upload, batch);
                batch = new Batch();
            }
        }
        return batch.lines == 0 ? report : store(dataset, upload, batch);
    }

    Optional<UploadReport> find(Dataset dataset, String upload) {
        return jdbc.sql(FIND)
                .param("dataset", dataset.number())
                .param("id", upload)
                .query(this::report)
                .optional();
    }

    /** Lines that are checked and not stored yet. */
    private static final class Batch {
        private final List<Trajectory> rows = new ArrayList<>();
        private final List<Long> numbers = new ArrayList<>();
        private final List<LineError> errors = new ArrayList<>();
        private int lines;
        private long last;

        void add(NdjsonReader.Line line, Dataset dataset) {
            lines++;
            last = line.number();
            if (line.text() == null) {
                errors.add(new LineError(line.number(), String.valueOf(line.fault())));
            } else if (!line.isBlank()) {
                try {
                    rows.add(Trajectory.parse(line.text(), dataset.task()));
                    numbers.add(line.number());
                } catch (Trajectory.Unusable unusable) {
                    errors.add(new LineError(line.number(), String.valueOf(unusable.getMessage())));
                }
            }
        }
    }

    private UploadReport store(Dataset dataset, String upload, Batch batch) {
        return transactions.execute(status -> {
            jdbc.sql(LOCK).param("dataset", dataset.number()).query(Long.class).single();
            UploadReport before = find(dataset, upload).orElse(UploadReport.none(upload));
            if (before.lines() >= batch.last) {
                return before;
            }
            int accepted = batch.rows.isEmpty() ? 0 : insert(dataset, batch.rows);
            List<LineError> errors = new ArrayList<>(batch.errors);
            errors.addAll(contradictions(dataset, batch));
            errors.sort((one, other) -> Long.compare(one.line(), other.line()));
            UploadReport after = new UploadReport(
                    upload,
                    batch.last,
                    before.accepted() + accepted,
                    before.repeated() + batch.rows.size() + batch.errors.size() - errors.size() - accepted,
                    before.refused() + errors.size(),
                    firstOf(before.errors(), errors));
            save(dataset, after);
            return after;
        });
    }

    private int insert(Dataset dataset, List<Trajectory> rows) {
        return jdbc.sql(INSERT)
                .param("dataset", dataset.number())
                .param("episodes", rows.stream().map(Trajectory::episode).toArray(String[]::new))
                .param("stages", rows.stream().map(Trajectory::stage).toArray(String[]::new))
                .param("views", rows.stream().map(Trajectory::viewSha256).toArray(String[]::new))
                .param("choices", rows.stream().map(Trajectory::chosen).toArray(String[]::new))
                .param(
                        "heldOut",
                        rows.stream()
                                .map(row -> row.isHeldOut(dataset.seed(), dataset.heldOut()))
                                .toArray(Boolean[]::new))
                .param("lines", rows.stream().map(Trajectory::json).toArray(String[]::new))
                .update();
    }

    /** A teacher that chose twice for one view and differently leaves out a fact that it decides on; no student can follow that. */
    private List<LineError> contradictions(Dataset dataset, Batch batch) {
        if (batch.rows.isEmpty()) {
            return List.of();
        }
        Map<Integer, String> stored = jdbc
                .sql(CHOICES)
                .param("dataset", dataset.number())
                .param("stages", batch.rows.stream().map(Trajectory::stage).toArray(String[]::new))
                .param("views", batch.rows.stream().map(Trajectory::viewSha256).toArray(String[]::new))
                .query((row, index) -> Map.entry(row.getInt("place"), row.getString("chosen")))
                .list()
                .stream()
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
        List<LineError> errors = new ArrayList<>();
        for (int i = 0; i < batch.rows.size(); i++) {
            String chosen = batch.rows.get(i).chosen();
            String earlier = stored.getOrDefault(i + 1, chosen);
            if (!earlier.equals(chosen)) {
                errors.add(new LineError(
                        batch.numbers.get(i),
                        "chooses '" + chosen + "' for a view for which an earlier row chose '" + earlier + "'"));
            }
        }
        return errors;
    }

    private void save(Dataset dataset, UploadReport report) {
        jdbc.sql(SAVE)
                .param("dataset", dataset.number())
                .param("id", report.upload())
                .param("lines", report.lines())
                .param("accepted", report.accepted())
                .param("repeated", report.repeated())
                .param("refused", report.refused())
                .param("errors", json.writeValueAsString(report.errors()))
                .param("now", Timestamp.from(clock.instant()))
                .update();
    }

    private static List<LineError> firstOf(List<LineError> before, List<LineError> more) {
        List<LineError> all = new ArrayList<>(before);
        all.addAll(more);
        return all.subList(0, Math.min(ERRORS_KEPT, all.size()));
    }

    private UploadReport report(ResultSet row, int index) throws SQLException {
        return new UploadReport(
                row.getString("id"),
                row.getLong("lines"),
                row.getLong("accepted"),
                row.getLong("repeated"),
                row.getLong("refused"),
                json.readValue(row.getString("errors"), ERRORS));
    }
}
