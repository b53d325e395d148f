package io.logicdistillation.inference;

import static org.assertj.core.api.Assertions.assertThat;

import io.logicdistillation.contracts.Student;
import io.logicdistillation.inference.engine.Scores;
import io.logicdistillation.inference.engine.ScoringRequest;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

class TimingTest extends ServiceTest {
    private static final List<Map<String, String>> CANDIDATES = List.of(
            Map.of("function", "look_side", "handle", "look", "manual", "Looks on which side the goal lies."),
            Map.of("function", "look_away", "handle", "away", "manual", "Looks the other way."));

    @Test
    void takesTheTimeOfBothStudentsOnEveryRow() {
        Student other = registry.add(TENANT, Maze.NAME, "other", "ld");
        long requests = model.requests().size();

        Answer answer = take(List.of(other.id(), student.id()), row("look", "east"), row("look", "west"));

        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        assertThat(answer.body().path("machine").asString()).contains(" x ");
        assertThat(answer.body().path("snapshot").asString()).startsWith("sha256:");
        assertThat(answer.body().path("rows").size()).isEqualTo(2);
        for (JsonNode row : answer.body().path("rows")) {
            assertThat(row.path("times").size()).isEqualTo(2);
            for (JsonNode time : row.path("times")) {
                assertThat(time.path("millis").asDouble()).isEqualTo(3);
                assertThat(time.path("way").asString()).isEqualTo("reading");
                assertThat(time.path("engine").asString()).isEqualTo(Scores.IN_PROCESS);
            }
        }
        // The first row warms both, which does not count; the second finds them so.
        assertThat(model.requests().size() - requests).isEqualTo(6);
        assertThat(model.requests().getLast().prefix())
                .isEqualTo(ScoringRequest.prefix(Maze.task().rules(), "Choose how to look."));
    }

    @Test
    void addsUpWhereSomeAreRecalledAndSomeAreRead() {
        model.recalls("look_side");
        Answer answer = take(List.of(student.id()), row("look", "east"));
        assertThat(answer.body().at("/rows/0/times/0/way").asString()).isEqualTo("reading+recall");
        assertThat(answer.body().at("/rows/0/times/0/millis").asDouble()).isEqualTo(6);
    }

    @Test
    void saysWhatItDoesNotKnow() {
        assertThat(take(List.of(student.id()), row("jump", "east")).problem()).isEqualTo("unknown-stage");
        assertThat(take(List.of("sha256:" + "0".repeat(64)), row("look", "east"))
                        .problem())
                .isEqualTo("unknown-student");
    }

    @Test
    void isUnavailableWhereAStudentGivesNoNumbers() {
        model.breaks(true);
        assertThat(take(List.of(student.id()), row("look", "east")).problem()).isEqualTo("unavailable");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "{\"task\":\"maze\",\"students\":[],\"rows\":[]}",
                "{\"task\":\"maze\",\"students\":[\"walker\"],\"rows\":[]}",
                "{\"task\":\"maze\",\"students\":[null],\"rows\":[null]}"
            })
    void refusesRequestsThatMeanNothing(String body) {
        assertThat(post("/v1/timings", body).problem()).isEqualTo("invalid-request");
    }

    @Test
    void refusesRowsThatNobodyCouldRead() {
        assertThat(take(List.of(student.id()), row("look", "")).problem()).isEqualTo("invalid-request");
        Map<String, String> first = CANDIDATES.getFirst();
        assertThat(take(
                                List.of(student.id()),
                                Map.of("stage", "look", "view", "x", "candidates", List.of(first, first)))
                        .problem())
                .isEqualTo("invalid-request");
        assertThat(take(List.of(student.id()), Map.of("stage", "look", "view", "x", "candidates", List.of(Map.of())))
                        .problem())
                .isEqualTo("invalid-request");
    }

    private static Map<String, Object> row(String stage, String view) {
        return Map.of("stage", stage, "view", view, "candidates", CANDIDATES);
    }

    @SafeVarargs
    private Answer take(List<String> students, Map<String, Object>... rows) {
        return post(
                "/v1/timings",
                JSON.writeValueAsString(Map.of("task", Maze.NAME, "students", students, "rows", List.of(rows))));
    }
}
