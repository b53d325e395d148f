package io.logicdistillation.distillation.students;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * What a student must show before it serves.
 *
 * @param leastAgreement with its teacher, in every stage
 * @param leastRows on which a stage was judged
 * @param mostCalibrationError expected calibration error of a stage
 */
@ConfigurationProperties("platform.gate")
record GateProperties(
        @DefaultValue("0.8") double leastAgreement,
        @DefaultValue("30") int leastRows,
        @DefaultValue("0.15") double mostCalibrationError) {}
