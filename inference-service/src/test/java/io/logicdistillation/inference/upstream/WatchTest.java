package io.logicdistillation.inference.upstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.contracts.ProblemType;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class WatchTest {
    private final AtomicLong now = new AtomicLong();
    private final List<String> etags = new CopyOnWriteArrayList<>();
    private final List<String> changes = new CopyOnWriteArrayList<>();
    private volatile String value = "one";
    private volatile PlatformException failure;
    private final Watch<String, String> watch =
            new Watch<>("word", this::ask, Duration.ofSeconds(10), (key, word) -> changes.add(word), now::get);

    private Source.Answer<String> ask(String key, String known, String etag) {
        etags.add(String.valueOf(etag));
        PlatformException failing = failure;
        if (failing != null) {
            throw failing;
        }
        return value.equals(etag) ? new Source.Answer.Unchanged<>() : new Source.Answer.Changed<>(value, value);
    }

    @Test
    void asksOnceAndThenOnlyWhetherSomethingChanged() {
        watch.get("key");
        watch.get("key");
        watch.refresh();

        await().untilAsserted(() -> assertThat(etags).containsExactly("null", "one"));
        assertThat(watch.get("key")).isEqualTo("one");
        assertThat(changes).containsExactly("one");
    }

    @Test
    void takesANewAnswer() {
        watch.get("key");
        value = "two";
        watch.refresh();

        await().untilAsserted(() -> assertThat(watch.get("key")).isEqualTo("two"));
        assertThat(changes).containsExactly("one", "two");
    }

    @Test
    void keepsTheLastAnswerWhileTheOtherSideIsAway() {
        watch.get("key");
        failure = new PlatformException(ProblemType.UNAVAILABLE, "away");
        watch.refresh();
        await().until(() -> etags.size() == 2);

        assertThat(watch.get("key")).isEqualTo("one");
    }

    @Test
    void forgetsWhatTheOtherSideNoLongerKnows() {
        watch.get("key");
        failure = new PlatformException(ProblemType.UNKNOWN_TASK, "gone");
        watch.refresh();

        await().untilAsserted(() -> assertThatThrownBy(() -> watch.get("key")).hasMessage("gone"));
    }

    @Test
    void remembersNoRefusal() {
        failure = new PlatformException(ProblemType.UNKNOWN_TASK, "not yet");
        assertThatThrownBy(() -> watch.get("key")).hasMessage("not yet");
        failure = null;

        assertThat(watch.get("key")).isEqualTo("one");
    }

    @Test
    void stopsAskingAboutWhatNobodyUses() {
        watch.get("key");
        now.addAndGet(Duration.ofSeconds(11).toNanos());
        watch.refresh();
        watch.refresh();

        assertThat(etags).hasSize(1);
    }
}
