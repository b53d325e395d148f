package io.logicdistillation.distillation.dispatch;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Worker processes of this machine, one for each run that waits and needs no GPU, as many as may be at once. They are told to stop
 * with the service, upon which they give their jobs back; one that outlives a killed service keeps its job, and no second one is
 * started for it.
 */
final class LocalDispatcher implements Dispatcher {
    private static final Logger log = LoggerFactory.getLogger(LocalDispatcher.class);
    private static final Duration PATIENCE = Duration.ofSeconds(15);

    private final List<String> command;
    private final int most;
    private final Path output;
    private final Map<Run.Id, Process> running = new HashMap<>();

    /**
     * @param command starts a worker, which finds its run in {@code LD_JOB} and {@code LD_RUN} and ends by itself after it
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
    public synchronized void dispatch(RunBook runs) {
        forgetEnded(runs);
        for (Run run : runs.waiting(false, most)) {
            if (running.size() >= most) {
                return;
            }
            if (!running.containsKey(run.id()) && !started(run)) {
                return;
            }
        }
    }

    private void forgetEnded(RunBook runs) {
        running.entrySet().removeIf(entry -> {
            boolean ended = !entry.getValue().isAlive();
            if (ended && entry.getValue().exitValue() != 0) {
                runs.ended(
                        entry.getKey(),
                        "its worker's process ended with exit code "
                                + entry.getValue().exitValue());
            }
            return ended;
        });
    }

    private boolean started(Run run) {
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(output.toFile()));
        builder.environment()
                .putAll(Map.of(
                        "LD_JOB",
                        run.id().job(),
                        "LD_RUN",
                        Long.toString(run.id().run()),
                        "LD_NAME",
                        run.id().worker()));
        try {
            running.put(run.id(), builder.start());
            return true;
        } catch (IOException failure) {
            log.error("A worker can not be started, its job waits: {}", failure.getMessage());
            return false;
        }
    }

    /** Whose processes there are. */
    synchronized Set<Run.Id> running() {
        return running.entrySet().stream()
                .filter(entry -> entry.getValue().isAlive())
                .map(Map.Entry::getKey)
                .collect(Collectors.toUnmodifiableSet());
    }

    @Override
    public synchronized void close() {
        running.values().forEach(Process::destroy);
        for (Process process : running.values()) {
            if (!ended(process)) {
                process.destroyForcibly();
            }
        }
        running.clear();
    }

    private static boolean ended(Process process) {
        try {
            return process.waitFor(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
