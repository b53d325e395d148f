package io.logicdistillation.inference;

import static org.assertj.core.api.Assertions.assertThat;

import io.logicdistillation.contracts.Student;
import io.logicdistillation.kit.Scope;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.TestPropertySource;
import tools.jackson.databind.JsonNode;

/** The same service with the small model itself, not a played one. Needs {@code PLATFORM_MODEL_FILE}. */
// Its service must not live on beside the others: it would work on their drift reports, with an engine that can not.
@DirtiesContext
@TestPropertySource(
        properties = {"test.model=real", "inference.decisions.deadline=5m", "inference.students.load-wait=5m"})
class RealModelTest extends ServiceTest {
    /** The played student of the other tests is none that a real engine would load. */
    @Override
    void awaitDecisions() {}

    @Test
    void decidesWithTheUntunedStudentTheSameWayTwice() throws IOException {
        Student untuned = registry.add(TENANT, bytes("manifest.json"), bytes("activations.safetensors"));
        Map<String, Object> request = Map.of("state", Maze.STATE, "student", untuned.id());

        Answer first = decide(request);
        Answer second = decide(request);

        assertThat(first.status()).as(first.text()).isEqualTo(200);
        assertThat(first.body().path("student").asString()).isEqualTo(untuned.id());
        for (JsonNode stage : first.body().path("stages")) {
            double sum = stage.path("none").asDouble();
            for (JsonNode candidate : stage.path("candidates")) {
                assertThat(candidate.path("probability").asDouble()).isBetween(0.0, 1.0);
                sum += candidate.path("probability").asDouble();
            }
            assertThat(sum).isBetween(0.999, 1.001);
        }
        assertThat(first.body().at("/timings/prefillMs").asDouble()).isPositive();
        assertThat(second.body().path("stages")).isEqualTo(first.body().path("stages"));
        assertThat(send(caller(TENANT, Scope.OPERATE), "GET", "/actuator/prometheus", null)
                        .text())
                .containsPattern("student_cache_lookups_total\\{found=\"no\"\\} [1-9]")
                .containsPattern("student_cache_bytes [1-9]");
    }

    /** A score that is remembered takes no time at all. */
    @Test
    void takesTheTimeOfWordsThatItHasReadBefore() throws IOException {
        Student untuned = registry.add(TENANT, bytes("manifest.json"), bytes("activations.safetensors"));
        Map<String, Object> row = Map.of(
                "stage",
                "look",
                "view",
                "The goal is east.",
                "candidates",
                List.of(
                        Map.of("function", "look_side", "handle", "look", "manual", "Looks where the goal lies."),
                        Map.of("function", "look_away", "handle", "away", "manual", "Looks the other way.")));

        Answer answer = post(
                "/v1/timings",
                JSON.writeValueAsString(
                        Map.of("task", Maze.NAME, "students", List.of(untuned.id()), "rows", List.of(row, row, row))));

        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        assertThat(answer.body().path("rows").size()).isEqualTo(3);
        for (JsonNode taken : answer.body().path("rows")) {
            assertThat(taken.at("/times/0/millis").asDouble()).isGreaterThan(0.5);
        }
    }

    private static byte[] bytes(String file) throws IOException {
        try (InputStream in = RealModelTest.class.getResourceAsStream("/engine/untuned/" + file)) {
            return in.readAllBytes();
        }
    }
}
