package io.logicdistillation.languagemodel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class CallBoundsTest {
    private static final Duration LONG = Duration.ofSeconds(20);

    private final CallBounds bounds = bounds(true);

    private static CallBounds bounds(boolean againAfterTimeout) {
        return new CallBounds(
                "test",
                new CallBounds.Settings(
                        1, 2, Duration.ofMinutes(1), 1_000, Duration.ZERO, Duration.ofSeconds(5), againAfterTimeout));
    }

    @AfterEach
    void close() {
        bounds.close();
    }

    @Test
    void leavesATeacherAloneThatFailsAllTheTime() {
        AtomicInteger calls = new AtomicInteger();
        Callable<String> broken = () -> {
            calls.incrementAndGet();
            throw new ModelException(Failure.OVERLOADED, "503", null);
        };
        for (int i = 0; i < 3; i++) {
            assertThat(outcome(broken, LONG)).isEqualTo(Failure.OVERLOADED);
        }
        assertThat(calls).hasValue(6);

        assertThat(outcome(() -> "well again", LONG)).isEqualTo(Failure.RESTING);
    }

    @Test
    void triesNothingTwiceThatWillNotPass() {
        AtomicInteger calls = new AtomicInteger();

        assertThat(outcome(
                        () -> {
                            calls.incrementAndGet();
                            throw new ModelException(Failure.REJECTED, "401", null);
                        },
                        LONG))
                .isEqualTo(Failure.REJECTED);
        assertThat(calls).hasValue(1);
    }

    @Test
    void keepsToTheTimeThatIsLeft() {
        long start = System.nanoTime();

        Failure outcome = outcome(
                () -> {
                    Thread.sleep(10_000);
                    return "late";
                },
                Duration.ofMillis(100));

        assertThat(outcome).isEqualTo(Failure.TIMED_OUT);
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
    }

    @Test
    void asksNoMoreAtOnceThanItMay() throws InterruptedException {
        CountDownLatch inside = new CountDownLatch(1);
        CountDownLatch leave = new CountDownLatch(1);
        CompletableFuture<String> first = CompletableFuture.supplyAsync(() -> bounds.within(LONG, () -> {
            inside.countDown();
            leave.await();
            return "answered";
        }));
        inside.await();

        assertThat(outcome(() -> "too many", LONG)).isEqualTo(Failure.BUSY);
        leave.countDown();
        assertThat(first.join()).isEqualTo("answered");
    }

    @Test
    void waitsAsLongAsTheApiAsks() {
        AtomicInteger calls = new AtomicInteger();
        long start = System.nanoTime();

        String answer = bounds.within(LONG, () -> {
            if (calls.incrementAndGet() == 1) {
                throw new ModelException(Failure.OVERLOADED, "429", null, Duration.ofMillis(1_200));
            }
            return "answered";
        });

        assertThat(answer).isEqualTo("answered");
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThan(Duration.ofMillis(1_150));
    }

    @Test
    void doesNotWaitWhereTheApiAsksForLongerThanItMay() {
        AtomicInteger calls = new AtomicInteger();
        long start = System.nanoTime();

        Failure outcome = outcome(
                () -> {
                    calls.incrementAndGet();
                    throw new ModelException(Failure.OVERLOADED, "429", null, Duration.ofSeconds(6));
                },
                LONG);

        assertThat(outcome).isEqualTo(Failure.OVERLOADED);
        assertThat(calls).hasValue(1);
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
    }

    @Test
    void paysForNoSecondAnswerWhereTheFirstWasLate() {
        AtomicInteger calls = new AtomicInteger();
        try (CallBounds thrifty = bounds(false)) {
            assertThatThrownBy(() -> thrifty.within(LONG, () -> {
                        calls.incrementAndGet();
                        throw new ModelException(Failure.TIMED_OUT, "late", null);
                    }))
                    .isInstanceOf(ModelException.class);
        }
        assertThat(calls).hasValue(1);
    }

    @Test
    void asksNoMoreInAMinuteThanItMay() {
        try (CallBounds slow = new CallBounds(
                "slow", new CallBounds.Settings(1, 1, Duration.ofMinutes(1), 1, Duration.ZERO, Duration.ZERO, false))) {
            assertThat(slow.within(LONG, () -> "first")).isEqualTo("first");
            assertThatThrownBy(() -> slow.within(LONG, () -> "second"))
                    .isInstanceOfSatisfying(
                            ModelException.class,
                            failure -> assertThat(failure.failure()).isEqualTo(Failure.BUSY));
        }
    }

    private Failure outcome(Callable<String> call, Duration longest) {
        Failure[] told = new Failure[1];
        assertThatThrownBy(() -> bounds.within(longest, call))
                .isInstanceOfSatisfying(ModelException.class, failure -> told[0] = failure.failure());
        return told[0];
    }
}
