package io.logicdistillation.distillation.students;

import io.logicdistillation.contracts.Student;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
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
    private static final double NORMAL_95 = 1.959964;

    Evaluation {
        stages = List.copyOf(stages);
    }

    /**
     * @param agreement share of rows on which it chose as its teacher did
     * @param low lower end of the agreement's 95% interval (Wilson's)
     */
    record Stage(
            String stage,
            double agreement,
            double low,
            double high,
            int rows,
            @Nullable Double calibrationError) {
        static Stage of(String stage, double agreement, int rows, @Nullable Double calibrationError) {
            double square = NORMAL_95 * NORMAL_95;
            double middle = (agreement + square / (2 * rows)) / (1 + square / rows);
            double half = NORMAL_95
                    / (1 + square / rows)
                    * Math.sqrt(agreement * (1 - agreement) / rows + square / (4.0 * rows * rows));
            return new Stage(
                    stage,
                    agreement,
                    rounded(Math.max(0, middle - half)),
                    rounded(Math.min(1, middle + half)),
                    rows,
                    calibrationError);
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
                stages.add(Stage.of(String.valueOf(name), agreement.doubleValue(), rows.intValue(), error));
            }
        });
        stages.sort(Comparator.comparing(Stage::stage));
        return new Evaluation(
                student.id(), student.name(), student.task(), student.method(), way, stages, student.createdAt());
    }

    private static Map<?, ?> members(@Nullable Object json) {
        return json instanceof Map<?, ?> found ? found : Map.of();
    }
}
