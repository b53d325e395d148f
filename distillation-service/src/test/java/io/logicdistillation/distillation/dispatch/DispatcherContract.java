package io.logicdistillation.distillation.dispatch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * What every way of dispatch keeps to. Workers that are started by nobody here, standing ones, are counted as none: what is said of
 * workers holds for them too.
 */
abstract class DispatcherContract {
    protected final FakeRuns runs = new FakeRuns();
    private final List<Dispatcher> made = new ArrayList<>();

    /** One over the same machines as the others of this test, as after a restart of the service. */
    protected abstract Dispatcher start(int most) throws Exception;

    /** One that reaches nothing of what it needs. */
    protected abstract Dispatcher startAstray() throws Exception;

    /** Runs that have a worker now. */
    protected abstract Set<Run.Id> workers() throws Exception;

    /** Whether this way starts workers at all. */
    protected boolean starts() {
        return true;
    }

    protected final Dispatcher dispatcher(int most) throws Exception {
        Dispatcher dispatcher = start(most);
        made.add(dispatcher);
        return dispatcher;
    }

    @AfterEach
    void closeAll() throws Exception {
        for (Dispatcher dispatcher : made) {
            dispatcher.close();
        }
    }

    @Test
    void startsNothingWhereNothingWaits() throws Exception {
        dispatcher(3).dispatch(runs);
        assertThat(workers()).isEmpty();
    }

    @Test
    void bringsEveryRunOneWorkerHoweverOftenItLooks() throws Exception {
        Run one = runs.submitted();
        Run other = runs.submitted();
        Dispatcher dispatcher = dispatcher(5);
        for (int i = 0; i < 3; i++) {
            dispatcher.dispatch(runs);
        }
        assertThat(workers()).isEqualTo(starts() ? Set.of(one.id(), other.id()) : Set.of());
        assertThat(runs.ends).isEmpty();
    }

    @Test
    void bringsNoMoreWorkersThanThereMayBe() throws Exception {
        for (int i = 0; i < 5; i++) {
            runs.submitted();
        }
        Dispatcher dispatcher = dispatcher(2);
        dispatcher.dispatch(runs);
        dispatcher.dispatch(runs);
        assertThat(workers()).hasSize(starts() ? 2 : 0);
    }

    @Test
    void leavesARunAloneThatItsWorkerHas() throws Exception {
        Run run = runs.submitted();
        Dispatcher dispatcher = dispatcher(2);
        dispatcher.dispatch(runs);
        runs.becomes(run, RunBook.Phase.RUNNING);
        dispatcher.dispatch(runs);
        dispatcher.dispatch(runs);
        assertThat(workers()).hasSize(starts() ? 1 : 0);
        assertThat(runs.ends).isEmpty();
    }

    @Test
    void waitsQuietlyWhereNothingCanBeReached() throws Exception {
        runs.submitted();
        Dispatcher astray = startAstray();
        made.add(astray);
        assertThatCode(() -> astray.dispatch(runs)).doesNotThrowAnyException();
        assertThat(workers()).isEmpty();
        assertThat(runs.ends).isEmpty();
    }

    /** Processes and clusters are not ours to hurry. */
    protected static void await(BooleanSupplier condition) throws InterruptedException {
        for (int i = 0; i < 1_500 && !condition.getAsBoolean(); i++) {
            Thread.sleep(Duration.ofMillis(20));
        }
        assertThat(condition.getAsBoolean()).isTrue();
    }
}
