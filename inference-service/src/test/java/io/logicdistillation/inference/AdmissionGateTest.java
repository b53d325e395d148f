package io.logicdistillation.inference;

import static org.assertj.core.api.Assertions.assertThat;

import io.logicdistillation.kit.Scope;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.TestPropertySource;

@DirtiesContext
@TestPropertySource(
        properties = {"inference.admission.least=2", "inference.admission.initial=2", "inference.admission.most=2"})
class AdmissionGateTest extends ServiceTest {
    @Test
    void refusesWhatItCannotTakeAndSaysWhenToComeAgain() {
        List<Answer> answers = crowd(12);

        assertThat(answers).extracting(Answer::status).contains(200).containsAnyOf(503, 429);
        assertThat(answers).filteredOn(answer -> answer.status() != 200).allSatisfy(refused -> {
            assertThat(refused.problem()).isIn("unavailable", "rate-limited");
            assertThat(refused.headers()).containsKey("retry-after");
        });
        assertThat(get("/actuator/prometheus").text())
                .contains("admission_rejections_total{reason=\"full\"}")
                .contains("admission_limit");
        awaitDecisions();
    }

    @Test
    void knowsThreePriorities() {
        assertThat(decide(Map.of("state", Maze.STATE), "X-Priority", "high").status())
                .isEqualTo(200);
        assertThat(decide(Map.of("state", Maze.STATE), "X-Priority", "urgent").problem())
                .isEqualTo("invalid-request");
    }

    @Test
    void givesARefusedRequestsPlaceBack() {
        for (int i = 0; i < 8; i++) {
            assertThat(decide(Map.of("state", Map.of())).problem()).isEqualTo("invalid-state");
            assertThat(send(caller(TENANT, Scope.VIEW), "POST", "/v1/tasks/maze/decisions", "{}")
                            .status())
                    .isEqualTo(403);
        }
        assertThat(decide().status()).isEqualTo(200);
    }

    private List<Answer> crowd(int size) {
        functionBase.finds("spin", "walk_on", "rest");
        model.prefers("look_side", "spin", "walk_on");
        List<CompletableFuture<Answer>> asked = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < size; i++) {
                asked.add(CompletableFuture.supplyAsync(this::decide, threads));
            }
        }
        return asked.stream().map(CompletableFuture::join).toList();
    }
}
