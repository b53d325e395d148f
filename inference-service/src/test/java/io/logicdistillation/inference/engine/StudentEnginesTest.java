package io.logicdistillation.inference.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

class StudentEnginesTest {
    private static final ScoringRequest REQUEST =
            EngineFixture.request(EngineFixture.golden().get("cases").get(0), Way.RECALL);
    private final EngineSettings settings = EngineFixture.settings(Path.of("target", "engine-models"));

    @Test
    void loadsAStudentOnceForAllWhoAskAtTheSameTime() throws Exception {
        Scores expected = EngineFixture.int8().score(REQUEST);
        try (StudentEngines engines = new StudentEngines(settings);
                ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
            Callable<Scores> call = () -> {
                try (StudentLease lease = engines.lease(EngineFixture.UNTUNED)) {
                    return lease.score(REQUEST);
                }
            };
            List<Future<Scores>> answers = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                answers.add(callers.submit(call));
            }
            for (Future<Scores> answer : answers) {
                assertThat(answer.get().probabilities()).isEqualTo(expected.probabilities());
            }
            assertThat(engines.resident()).containsExactly(EngineFixture.UNTUNED.id());
        }
    }

    @Test
    void aLeaseOutlivesUnloading() {
        try (StudentEngines engines = new StudentEngines(settings)) {
            StudentLease lease = engines.lease(EngineFixture.UNTUNED);
            engines.unload(EngineFixture.UNTUNED.id());
            assertThat(engines.resident()).isEmpty();
            assertThat(lease.score(REQUEST).probabilities()).hasSize(3);
            lease.close();
            lease.close();
            assertThatThrownBy(() -> lease.score(REQUEST))
                    .isInstanceOfSatisfying(
                            EngineException.class,
                            refused -> assertThat(refused.kind()).isEqualTo(EngineException.Kind.CLOSED));
        }
    }
}
