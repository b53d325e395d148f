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

    @Test
    void unloadsTheLeastRecentlyUsedAndNeverOneThatIsLeased() {
        EngineSettings two =
                new EngineSettings(EngineFixture.modelFile(), Path.of("target", "engine-models"), 2, 2, 16L << 20);
        try (StudentEngines engines = new StudentEngines(two)) {
            engines.lease(named("first")).close();
            engines.lease(named("second")).close();
            engines.lease(named("first")).close();
            engines.lease(named("third")).close();
            assertThat(engines.resident()).containsExactly("first", "third");

            try (StudentLease first = engines.lease(named("first"));
                    StudentLease third = engines.lease(named("third"))) {
                engines.lease(named("second")).close();
                assertThat(first.score(REQUEST).probabilities())
                        .isEqualTo(third.score(REQUEST).probabilities());
                assertThat(engines.resident()).contains("first", "third");
            }
            assertThat(engines.resident()).hasSizeLessThanOrEqualTo(2);
        }
    }

    @Test
    void whatTheCacheDidOutlivesTheStudentAndItsBytesDoNot() {
        try (StudentEngines engines = new StudentEngines(settings)) {
            assertThat(engines.cacheStatistics()).isEqualTo(CacheStatistics.NONE);
            CacheStatistics loaded;
            try (StudentLease lease = engines.lease(named("one"))) {
                lease.score(REQUEST);
                lease.score(REQUEST);
                loaded = engines.cacheStatistics();
                assertThat(loaded.hits()).isPositive();
                assertThat(loaded.misses()).isPositive();
                assertThat(loaded.bytes()).isPositive();
                engines.unload("one");
                assertThat(engines.cacheStatistics()).isEqualTo(loaded);
            }
            assertThat(engines.cacheStatistics()).isEqualTo(loaded.withoutBytes());

            try (StudentLease lease = engines.lease(named("other"))) {
                lease.score(REQUEST);
                assertThat(engines.cacheStatistics().misses()).isGreaterThan(loaded.misses());
            }
        }
    }

    /** The untuned student under another id. */
    private static StudentPackage named(String id) {
        StudentPackage untuned = EngineFixture.UNTUNED;
        return new StudentPackage(id, untuned.manifest(), untuned.adapter(), untuned.activations());
    }
}
