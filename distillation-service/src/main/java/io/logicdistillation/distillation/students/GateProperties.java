package io.logicdistillation.distillation.students;

import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * What a student must show before it serves.
 *
 * @param leastAgreement with its teacher, in every stage
 * @param leastRows on which a stage was judged, and that two students must share to be compared row by row
 * @param mostCalibrationError expected calibration error of a stage
 * @param tasks which of them ask for another agreement
 */
@ConfigurationProperties("platform.gate")
record GateProperties(
        @DefaultValue("0.8") double leastAgreement,
        @DefaultValue("30") int leastRows,
        @DefaultValue("0.15") double mostCalibrationError,
        @DefaultValue Map<String, Task> tasks) {
    /**
     * What one task asks for.
     *
     * @param leastAgreement of this task; as for all if absent
     */
    record Task(@Nullable Double leastAgreement) {}

    GateProperties {
        tasks = Map.copyOf(tasks);
    }

    double leastAgreement(String task) {
        Task own = tasks.get(task);
        Double least = own == null ? null : own.leastAgreement();
        return least == null ? leastAgreement : least;
    }
}
