package io.logicdistillation.distillation.dispatch;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Worker processes of this machine, as many as jobs wait and may run; each ends after a job. They are told to stop with the service, upon which they give their jobs back.
 */
final class LocalDispatcher implements Dispatcher, AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(LocalDispatcher.class);
    private static final Duration PATIENCE = Duration.ofSeconds(15);

    private final List<String> command;
    private final int most;
    private final Path output;
    private final List<Process> running = new ArrayList<>();

    /**
     * @param command starts a worker that ends by itself after a job
     * @param most processes at once
     * @param output file to which they write
     */
    LocalDispatcher(List<String> command, int most, Path output) {
        if (command.isEmpty()) {
            throw new IllegalArgumentException(
                    "platform.dispatch.command must start a worker where platform.dispatch.way is local");
        }
        this.command = List.copyOf(command);
        this.most = most;
        this.output = output;
    }

    @Override
    public synchronized void dispatch(int waiting) {
        running.removeIf(process -> !process.isAlive());
        while (running.size() < Math.min(waiting, most)) {
            try {
                running.add(new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.appendTo(output.toFile()))
                        .start());
            } catch (IOException failure) {
                log.error("A worker can not be started, its job waits: {}", failure.getMessage());
                return;
            }
        }
    }

    synchronized int running() {
        running.removeIf(process -> !process.isAlive());
        return running.size();
    }

    @Override
    public synchronized void close() throws InterruptedException {
        running.forEach(Process::destroy);
        for (Process process : running) {
            if (!process.waitFor(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
                process.destroyForcibly();
            }
        }
        running.clear();
    }
}
