package io.logicdistillation.inference;

import static org.assertj.core.api.Assertions.assertThat;

import io.logicdistillation.inference.admission.AdmissionProperties;
import io.logicdistillation.inference.canaries.CanaryProperties;
import io.logicdistillation.inference.decisionlog.LogProperties;
import io.logicdistillation.inference.escalations.EscalationProperties;
import io.logicdistillation.inference.functionbase.FunctionBaseProperties;
import io.logicdistillation.inference.students.StudentsProperties;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;

/** Names and defaults that operators rely on. */
class PropertiesTest {
    @Test
    void pinsTheDefaultsOfTheFunctionBase() {
        assertThat(bind("inference.function-base", FunctionBaseProperties.class, Map.of()))
                .isEqualTo(new FunctionBaseProperties(
                        URI.create("http://127.0.0.1:8081"),
                        Duration.ofMillis(400),
                        Duration.ofMinutes(15),
                        Duration.ofMillis(800),
                        Duration.ofMinutes(2),
                        8192,
                        32));
    }

    @Test
    void pinsTheDefaultsOfStudents() {
        assertThat(bind("inference.students", StudentsProperties.class, Map.of()))
                .isEqualTo(new StudentsProperties(
                        URI.create("http://127.0.0.1:8082"),
                        Duration.ofSeconds(1),
                        Duration.ofMinutes(15),
                        Duration.ofSeconds(25),
                        Duration.ofSeconds(5),
                        null,
                        Path.of(".platform/inference"),
                        4,
                        8_192));
    }

    @Test
    void pinsTheDefaultsOfEscalation() {
        assertThat(bind("inference.escalation", EscalationProperties.class, Map.of()))
                .isEqualTo(new EscalationProperties(
                        null,
                        null,
                        null,
                        null,
                        false,
                        Duration.ofSeconds(15),
                        2,
                        8,
                        Duration.ofSeconds(10),
                        1_000,
                        64,
                        new EscalationProperties.Prices(0, 0, 1_000_000)));
    }

    @Test
    void pinsTheDefaultsOfAdmission() {
        assertThat(bind("inference.admission", AdmissionProperties.class, Map.of()))
                .isEqualTo(new AdmissionProperties(32, 256, 64));
    }

    @Test
    void pinsTheDefaultsOfTheLog() {
        assertThat(bind("inference.decision-log", LogProperties.class, Map.of()))
                .isEqualTo(new LogProperties(Duration.ofDays(400)));
    }

    @Test
    void pinsTheDefaultsOfCanaries() {
        assertThat(bind("inference.canaries", CanaryProperties.class, Map.of()))
                .isEqualTo(new CanaryProperties(Duration.ofSeconds(5)));
    }

    @Test
    void pinsTheNames() {
        StudentsProperties students = bind(
                "inference.students",
                StudentsProperties.class,
                Map.of(
                        "inference.students.model-file", "/model.gguf",
                        "inference.students.data-dir", "/data",
                        "inference.students.resident", "2",
                        "inference.students.load-wait", "9s"));

        assertThat(students.modelFile()).isEqualTo(Path.of("/model.gguf"));
        assertThat(students.dataDir()).isEqualTo(Path.of("/data"));
        assertThat(students.resident()).isEqualTo(2);
        assertThat(students.loadWait()).isEqualTo(Duration.ofSeconds(9));
    }

    private static <T> T bind(String prefix, Class<T> type, Map<String, String> values) {
        return new Binder(new MapConfigurationPropertySource(values)).bindOrCreate(prefix, type);
    }
}
