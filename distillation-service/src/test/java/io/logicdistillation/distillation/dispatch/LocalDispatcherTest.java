package io.logicdistillation.distillation.dispatch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.logicdistillation.distillation.jobs.JobSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalDispatcherTest extends StartingDispatcherContract {
    /** Works until a file says how it shall end. */
    private static final String WORKER = """
            echo "$LD_JOB $LD_RUN $LD_NAME"
            until [ -f "$LD_NAME" ]; do sleep 0.02; done
            exit "$(cat "$LD_NAME")"
            """;

    private final List<LocalDispatcher> made = new ArrayList<>();

    @TempDir
    private Path folder;

    @Override
    protected Dispatcher start(int most) {
        return running(WORKER, most);
    }

    @Override
    protected Dispatcher startAstray() {
        return new LocalDispatcher(List.of(folder.resolve("none").toString()), 1, folder.resolve("out"));
    }

    @Override
    protected Set<Run.Id> workers() {
        Set<Run.Id> found = new HashSet<>();
        made.forEach(dispatcher -> found.addAll(dispatcher.running()));
        return found;
    }

    @Override
    protected void end(Run run, boolean well) throws IOException {
        Path aside = folder.resolve("aside");
        Files.writeString(aside, well ? "0" : "3");
        Files.move(aside, folder.resolve(run.id().worker()));
    }

    @Test
    void passesByRunsThatNeedAGpu() throws Exception {
        runs.submitted("NVIDIA H100", 0);
        runs.submitted(null, 40_000);
        runs.submitted(new JobSpec.Resources(false, null, null, 2, null));
        Run plain = runs.submitted();
        dispatcher(1).dispatch(runs);
        assertThat(workers()).containsExactly(plain.id());
    }

    @Test
    void tellsTheWorkerWhichRunItIsThereFor() throws Exception {
        Run run = runs.submitted();
        dispatcher(1).dispatch(runs);
        await(() -> said(run.id().job() + " 1 " + run.id().worker()));
    }

    @Test
    void stopsItsWorkersWithTheService() throws Exception {
        runs.submitted();
        LocalDispatcher dispatcher =
                running("trap 'echo gave back; exit' TERM; echo ready; while :; do sleep 0.05; done", 1);
        dispatcher.dispatch(runs);
        await(() -> said("ready"));
        dispatcher.close();
        assertThat(workers()).isEmpty();
        assertThat(said("gave back")).isTrue();
    }

    @Test
    void needsACommand() {
        assertThatIllegalArgumentException().isThrownBy(() -> new LocalDispatcher(List.of(), 1, folder.resolve("out")));
    }

    private LocalDispatcher running(String script, int most) {
        LocalDispatcher dispatcher =
                new LocalDispatcher(List.of("sh", "-c", "cd '" + folder + "'\n" + script), most, folder.resolve("out"));
        made.add(dispatcher);
        return dispatcher;
    }

    private boolean said(String words) {
        try {
            return Files.readString(folder.resolve("out")).contains(words);
        } catch (IOException notYet) {
            return false;
        }
    }
}
