package io.logicdistillation.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class PythonProcessesTest {

    private static final long HEAP = Limits.standard().heapBytes();

    @Test
    @Timeout(60)
    void onlyWhoUsedOneUpWaitsForWhatReplacesIt() throws Exception {
        Set<ProcessHandle> others = Children.now();
        Path interpreter = PythonInterpreter.find("");
        try (PythonProcesses processes = new PythonProcesses(interpreter, new PythonTemplate.Guests(0, false), 3)) {
            processes.fill("first", HEAP);
            PythonProcess used = processes.take("first", HEAP);
            ProcessHandle template = Children.since(others);

            signal("STOP", template);
            processes.end(used);
            processes.fill("first", HEAP);
            PythonProcess neighbours = processes.take("second", HEAP);
            CompletableFuture<PythonProcess> next = CompletableFuture.supplyAsync(() -> taken(processes, "first"));

            assertThat(neighbours).isNotSameAs(used);
            assertThat(next).failsWithin(Duration.ofMillis(300)).withThrowableOfType(TimeoutException.class);
            signal("CONT", template);
            assertThat(next).succeedsWithin(Duration.ofSeconds(10)).isNotIn(used, neighbours);
        }
    }

    private static PythonProcess taken(PythonProcesses processes, String tenant) {
        try {
            return processes.take(tenant, HEAP);
        } catch (InterruptedException | IOException failure) {
            throw new CompletionException(failure);
        }
    }

    private static void signal(String name, ProcessHandle process) throws IOException, InterruptedException {
        int exit = new ProcessBuilder("kill", "-" + name, String.valueOf(process.pid()))
                .start()
                .waitFor();
        assertThat(exit).isZero();
    }
}
