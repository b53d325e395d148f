package io.logicdistillation.inference.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

class StudentManifestTest {
    private static final String CALIBRATION = """
            {"recall": {"move": {"temperature": 0.25, "noneBias": 0}},
             "reading": {"*": {"temperature": 1.5, "noneBias": -2.5}}
             %s}
            """;

    private static StudentManifest.StageCalibration calibration(String joining, String stage, Way way, boolean joins) {
        Entry entry = new Entry("rest", "rest", "Rests.");
        return JsonMapper.shared()
                .readValue(CALIBRATION.formatted(joining), StudentManifest.Calibration.class)
                .of(new ScoringRequest(stage, "Rules.", "", "A state.", List.of(entry), way, joins));
    }

    @Test
    void calibratesWhatJoinsKnownFunctionsByItselfWhereTheStudentSaysSo() {
        String joining = ",\"joining\": {\"move\": {\"temperature\": 2, \"noneBias\": 0.5}}";

        assertThat(calibration(joining, "move", Way.READING, true))
                .isEqualTo(new StudentManifest.StageCalibration(2, 0.5));
        assertThat(calibration(joining, "move", Way.READING, false))
                .isEqualTo(new StudentManifest.StageCalibration(1.5, -2.5));
        assertThat(calibration(joining, "move", Way.RECALL, false))
                .isEqualTo(new StudentManifest.StageCalibration(0.25, 0));
        assertThat(calibration("", "move", Way.READING, true))
                .isEqualTo(new StudentManifest.StageCalibration(1.5, -2.5));
    }
}
