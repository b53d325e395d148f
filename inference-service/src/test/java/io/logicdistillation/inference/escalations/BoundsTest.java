package io.logicdistillation.inference.escalations;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class BoundsTest {
    private static final Duration LONG = Duration.ofSeconds(20);

    private final Bounds bounds = new Bounds(new EscalationProperties(
            null,
            "big",
            null,
            null,
            false,
            LONG,
            2,
            1,
            Duration.ofMinutes(1),
            100,
            64,
            new EscalationProperties.Prices(0, 0, 1_000)));

    @AfterEach
    void close() {
        bounds.close();
    }

    @Test
    void leavesATeacherAloneThatFailsAllTheTime() {
        AtomicInteger calls = new AtomicInteger();
        Callable<String> broken = () -> {
            calls.incrementAndGet();
            throw new TeacherException(Outcome.OVERLOADED, "503");
        };
        for (int i = 0; i < 3; i++) {
            assertThat(outcome(broken, LONG)).isEqualTo(Outcome.OVERLOADED);
        }
        assertThat(calls).hasValue(6);

        assertThat(outcome(() -> "well again", LONG)).isEqualTo(Outcome.RESTING);
    }

    @Test
    void triesNothingTwiceThatWillNotPass() {
        AtomicInteger calls = new AtomicInteger();

        assertThat(outcome(
                        () -> {
                            calls.incrementAndGet();
                            throw new TeacherException(Outcome.REJECTED, "401");
                        },
                        LONG))
                .isEqualTo(Outcome.REJECTED);
        assertThat(calls).hasValue(1);
    }

    @Test
    void keepsToTheTimeThatIsLeft() {
        long start = System.nanoTime();

        Outcome outcome = outcome(
                () -> {
                    Thread.sleep(10_000);
                    return "late";
                },
                Duration.ofMillis(100));

        assertThat(outcome).isEqualTo(Outcome.TIMED_OUT);
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

        assertThat(outcome(() -> "too many", LONG)).isEqualTo(Outcome.BUSY);
        leave.countDown();
        assertThat(first.join()).isEqualTo("answered");
    }

    private Outcome outcome(Callable<String> call, Duration longest) {
        Outcome[] told = new Outcome[1];
        assertThatThrownBy(() -> bounds.within(longest, call))
                .isInstanceOfSatisfying(TeacherException.class, failure -> told[0] = failure.outcome());
        return told[0];
    }
}
