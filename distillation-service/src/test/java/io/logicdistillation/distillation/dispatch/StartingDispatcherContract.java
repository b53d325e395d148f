package io.logicdistillation.distillation.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import org.junit.jupiter.api.Test;

/** What those keep to beside, that start a worker for each run. */
abstract class StartingDispatcherContract extends DispatcherContract {
    /** The worker of this run ends. @param well with exit code 0 */
    protected abstract void end(Run run, boolean well) throws Exception;

    @Test
    void bringsTheNextRunWhenOneHasEnded() throws Exception {
        Run first = runs.submitted();
        Run second = runs.submitted();
        Dispatcher dispatcher = dispatcher(1);
        dispatcher.dispatch(runs);
        assertThat(workers()).containsExactly(first.id());
        runs.becomes(first, RunBook.Phase.ENDED);
        end(first, true);
        untilThereIs(dispatcher, second);
        assertThat(runs.ends).isEmpty();
    }

    @Test
    void tellsOfAWorkerThatDiedUnheardAndBringsTheNextRun() throws Exception {
        Run run = runs.submitted();
        Dispatcher dispatcher = dispatcher(1);
        dispatcher.dispatch(runs);
        runs.becomes(run, RunBook.Phase.RUNNING);
        end(run, false);
        untilTold(dispatcher, run);
        assertThat(runs.ends.get(run.id())).contains("exit code 3");
        Run next = runs.again(run);
        untilThereIs(dispatcher, next);
    }

    @Test
    void tellsOfAWorkerThatNeverCameToItsRun() throws Exception {
        Run run = runs.submitted();
        Dispatcher dispatcher = dispatcher(1);
        dispatcher.dispatch(runs);
        end(run, false);
        untilTold(dispatcher, run);
        assertThat(runs.ends).hasSize(1);
        dispatcher.dispatch(runs);
        assertThat(workers()).isEmpty();
    }

    private void untilTold(Dispatcher dispatcher, Run run) throws Exception {
        await(() -> {
            dispatcher.dispatch(runs);
            return runs.ends.containsKey(run.id());
        });
    }

    private void untilThereIs(Dispatcher dispatcher, Run run) throws Exception {
        await(() -> {
            dispatcher.dispatch(runs);
            try {
                return workers().equals(Set.of(run.id()));
            } catch (Exception failure) {
                throw new AssertionError(failure);
            }
        });
    }
}
