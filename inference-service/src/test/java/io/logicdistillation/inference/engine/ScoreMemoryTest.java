package io.logicdistillation.inference.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ScoreMemoryTest {
    private static final Entry CUT = new Entry("cut_off", "cut", "Cuts off.");
    private static final Entry REST = new Entry("rest", "rest", "Rests.");
    private static final ScoringRequest USUAL = request("s", "p", "v", Way.READING, CUT, REST);

    private final AtomicInteger computed = new AtomicInteger();
    private final ScoreMemory memory = new ScoreMemory(2);

    private static ScoringRequest request(String stage, String prefix, String view, Way way, Entry... entries) {
        return new ScoringRequest(stage, prefix, view, List.of(entries), way);
    }

    private Scores ask(ScoreMemory of, ScoringRequest request) {
        return of.get(request, request.entries(), () -> {
            int number = computed.incrementAndGet();
            return new Scores(request.way(), List.of(0.1 * number), 0.2, 30, 50, Duration.ofMillis(9));
        });
    }

    @Test
    void computesTheSameQuestionOnce() {
        Scores first = ask(memory, USUAL);
        Scores second = ask(memory, request("s", "p", "v", Way.READING, CUT, REST));

        assertThat(computed).hasValue(1);
        assertThat(second.probabilities()).isEqualTo(first.probabilities());
        assertThat(second.none()).isEqualTo(first.none());
        assertThat(first.areRemembered()).isFalse();
        assertThat(second.areRemembered()).isTrue();
        assertThat(second.newTokens()).isZero();
        assertThat(second.cachedTokens()).isEqualTo(80);
    }

    static Stream<ScoringRequest> others() {
        return Stream.of(
                request("t", "p", "v", Way.READING, CUT, REST),
                request("s", "q", "v", Way.READING, CUT, REST),
                request("s", "p", "w", Way.READING, CUT, REST),
                request("s", "p", "v", Way.RECALL, CUT, REST),
                new ScoringRequest("s", "p", "", "v", List.of(CUT, REST), Way.READING, true),
                new ScoringRequest("s", "p", "v", "", List.of(CUT, REST), Way.READING, false),
                ScoringRequest.about("c", "s", "p", "v", List.of(CUT, REST)),
                request("s", "p", "v", Way.READING, CUT),
                request("s", "p", "v", Way.READING, CUT, new Entry("rest", "rest", "Rests now.")),
                request("s", "p", "v", Way.READING, CUT, new Entry("wait", "rest", "Rests.")),
                request("s", "p", "v", Way.READING, CUT, new Entry("rest", "wait", "Rests.")),
                request("sp", "", "v", Way.READING, CUT, REST),
                request("s", "pv", "", Way.READING, CUT, REST));
    }

    @ParameterizedTest
    @MethodSource("others")
    void takesNoQuestionForAnother(ScoringRequest other) {
        ask(memory, USUAL);

        assertThat(ask(memory, other).areRemembered()).isFalse();
        assertThat(computed).hasValue(2);
    }

    @Test
    void forgetsWhatWasLongestNotAskedFor() {
        ScoringRequest second = request("s", "p", "second", Way.READING, CUT);
        ask(memory, USUAL);
        ask(memory, second);
        ask(memory, USUAL);
        ask(memory, request("s", "p", "third", Way.READING, CUT));

        assertThat(ask(memory, USUAL).areRemembered()).isTrue();
        assertThat(ask(memory, second).areRemembered()).isFalse();
    }

    @Test
    void remembersNothingWhereItIsNotTo() {
        ScoreMemory none = new ScoreMemory(0);

        assertThat(ask(none, USUAL).areRemembered()).isFalse();
        assertThat(ask(none, USUAL).areRemembered()).isFalse();
    }

    @Test
    void letsAllWhoAskTheSameWaitForOne() throws InterruptedException {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<CompletableFuture<Scores>> all = new ArrayList<>();
            for (int i = 0; i < 16; i++) {
                all.add(CompletableFuture.supplyAsync(
                        () -> memory.get(USUAL, USUAL.entries(), () -> {
                            computed.incrementAndGet();
                            begun.countDown();
                            await(go);
                            return new Scores(Way.READING, List.of(0.8, 0.1), 0.1, 30, 50, Duration.ofMillis(9));
                        }),
                        threads));
            }
            begun.await();
            go.countDown();
            assertThat(all)
                    .allSatisfy(each -> assertThat(each.join().probabilities()).containsExactly(0.8, 0.1));
        }
        assertThat(computed).hasValue(1);
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException stopped) {
            throw new IllegalStateException(stopped);
        }
    }

    @Test
    void keepsNoFailure() {
        assertThatThrownBy(() -> memory.get(USUAL, USUAL.entries(), () -> {
                    throw new EngineException(EngineException.Kind.NOT_A_NUMBER, "NaN");
                }))
                .isInstanceOf(EngineException.class);

        assertThat(ask(memory, USUAL).areRemembered()).isFalse();
    }

    @Test
    void tellsThoseWhoWaitedWhatFailed() {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            CompletableFuture<Scores> first = CompletableFuture.supplyAsync(
                    () -> memory.get(USUAL, USUAL.entries(), () -> {
                        begun.countDown();
                        await(go);
                        throw new EngineException(EngineException.Kind.CLOSED, "unloaded");
                    }),
                    threads);
            await(begun);
            CompletableFuture<Scores> second = CompletableFuture.supplyAsync(() -> ask(memory, USUAL), threads);
            go.countDown();
            assertThatThrownBy(first::join).hasCauseInstanceOf(EngineException.class);
            // It waited for the first, or came when the failure was forgotten.
            second.handle((scores, failure) -> {
                        assertThat(failure == null || failure.getCause() instanceof EngineException)
                                .isTrue();
                        return scores;
                    })
                    .join();
        }
        assertThat(ask(memory, request("s", "p", "again", Way.READING, CUT)).areRemembered())
                .isFalse();
    }
}
