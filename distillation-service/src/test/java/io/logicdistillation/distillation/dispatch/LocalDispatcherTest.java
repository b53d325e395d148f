package io.logicdistillation.distillation.dispatch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalDispatcherTest {
    @TempDir
    private Path folder;

    @Test
    void startsAsManyWorkersAsWaitAndMayRun() throws Exception {
        try (LocalDispatcher dispatcher = dispatcher("sleep 60", 3)) {
            dispatcher.dispatch(0);
            assertThat(dispatcher.running()).isZero();
            dispatcher.dispatch(2);
            assertThat(dispatcher.running()).isEqualTo(2);
            dispatcher.dispatch(9);
            dispatcher.dispatch(9);
            assertThat(dispatcher.running()).isEqualTo(3);
        }
    }

    @Test
    void startsAnotherWhenOneHasEnded() throws Exception {
        try (LocalDispatcher dispatcher = dispatcher("echo worked", 1)) {
            for (int i = 1; i <= 2; i++) {
                dispatcher.dispatch(1);
                await(() -> dispatcher.running() == 0);
            }
        }
        assertThat(Files.readAllLines(folder.resolve("out"))).containsExactly("worked", "worked");
    }

    @Test
    void stopsItsWorkersWithTheService() throws Exception {
        LocalDispatcher dispatcher = dispatcher("trap 'echo gave back; exit' TERM; echo ready; sleep 60 & wait", 1);
        dispatcher.dispatch(1);
        await(() -> said("ready"));
        dispatcher.close();
        assertThat(dispatcher.running()).isZero();
        assertThat(Files.readAllLines(folder.resolve("out"))).contains("gave back");
    }

    @Test
    void waitsWhereNoWorkerCanBeStarted() throws Exception {
        try (LocalDispatcher dispatcher =
                new LocalDispatcher(List.of(folder.resolve("none").toString()), 1, folder.resolve("out"))) {
            dispatcher.dispatch(1);
            assertThat(dispatcher.running()).isZero();
        }
        assertThatIllegalArgumentException().isThrownBy(() -> new LocalDispatcher(List.of(), 1, folder.resolve("out")));
    }

    private LocalDispatcher dispatcher(String script, int most) {
        return new LocalDispatcher(List.of("sh", "-c", script), most, folder.resolve("out"));
    }

    private boolean said(String word) {
        try {
            return Files.readString(folder.resolve("out")).contains(word);
        } catch (java.io.IOException notYet) {
            return false;
        }
    }

    /** Processes of the system are not ours to hurry. */
    private static void await(BooleanSupplier condition) throws InterruptedException {
        for (int i = 0; i < 500 && !condition.getAsBoolean(); i++) {
            Thread.sleep(Duration.ofMillis(20));
        }
        assertThat(condition.getAsBoolean()).isTrue();
    }
}
