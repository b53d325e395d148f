package io.logicdistillation.distillation.students;

import com.fasterxml.jackson.annotation.JsonIgnore;
import io.logicdistillation.contracts.Student;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How a student did on episodes that it was not trained on. Read from its manifest, which its id covers: there is no second
 * place that could disagree, and every student that was ever imported has one.
 *
 * @param way in which it prefers to decide; the figures are of that way
 * @param stages by name; none if the manifest has no figures
 */
record Evaluation(
        String student, String name, String task, String method, String way, List<Stage> stages, Instant createdAt) {
    /** Hexadecimal digits by which a manifest names a row. */
    private static final int NAME = 10;

    Evaluation {
        stages = List.copyOf(stages);
    }

    /**
     * @param agreement share of rows on which it chose as its teacher did
     * @param low lower end of the agreement's 95% interval (Wilson's)
     * @param judged which rows those were and whether it agreed, as far as the manifest says; not for clients
     */
    record Stage(
            String stage,
            double agreement,
            double low,
            double high,
            int rows,
            @Nullable Double calibrationError,
            @JsonIgnore Map<String, Boolean> judged) {
        Stage {
            judged = Map.copyOf(judged);
        }

        static Stage of(
                String stage,
                double agreement,
                int rows,
                @Nullable Double calibrationError,
                Map<String, Boolean> judged) {
            Proportions.Interval interval = Proportions.share(agreement, rows);
            return new Stage(
                    stage,
                    agreement,
                    rounded(interval.low()),
                    rounded(interval.high()),
                    rows,
                    calibrationError,
                    judged);
        }

        private static double rounded(double value) {
            return Math.round(value * 1e4) / 1e4;
        }
    }

    static Evaluation of(Student student) {
        String way = String.valueOf(student.manifest().get("preferredWay"));
        List<Stage> stages = new ArrayList<>();
        members(members(student.manifest().get("metrics")).get(way)).forEach((name, found) -> {
            Map<?, ?> figures = members(found);
            if (figures.get("agreement") instanceof Number agreement
                    && figures.get("rows") instanceof Number rows
                    && agreement.doubleValue() >= 0
                    && agreement.doubleValue() <= 1
                    && rows.intValue() > 0) {
                Double error =
                        figures.get("expectedCalibrationError") instanceof Number given ? given.doubleValue() : null;
                stages.add(Stage.of(
                        String.valueOf(name), agreement.doubleValue(), rows.intValue(), error, judged(figures)));
            }
        });
        stages.sort(Comparator.comparing(Stage::stage));
        return new Evaluation(
                student.id(), student.name(), student.task(), student.method(), way, stages, student.createdAt());
    }

    /** The id of the dataset that its job learned from; one that was imported may name none. */
    static Optional<String> dataset(Student student) {
        Map<?, ?> job = members(members(student.manifest().get("training")).get("job"));
        return members(job.get("dataset")).get("id") instanceof String id ? Optional.of(id) : Optional.empty();
    }

    /** Rows are named by the beginnings of hashes, one after the other; a manifest that says it otherwise says nothing. */
    private static Map<String, Boolean> judged(Map<?, ?> figures) {
        Map<?, ?> said = members(figures.get("judged"));
        if (!(said.get("rows") instanceof String names && said.get("agreed") instanceof String agreed)
                || names.length() != agreed.length() * NAME) {
            return Map.of();
        }
        Map<String, Boolean> found = new HashMap<>();
        for (int i = 0; i < agreed.length(); i++) {
            found.put(names.substring(i * NAME, (i + 1) * NAME), agreed.charAt(i) == '1');
        }
        return found;
    }

    private static Map<?, ?> members(@Nullable Object json) {
        return json instanceof Map<?, ?> found ? found : Map.of();
    }
}
