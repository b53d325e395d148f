package io.logicdistillation.inference.warmup;

import io.logicdistillation.inference.decisionlog.ServedTasks;
import io.logicdistillation.inference.functionbase.PreparedSnapshot;
import io.logicdistillation.inference.functionbase.Snapshots;
import io.logicdistillation.inference.students.Engines;
import io.logicdistillation.inference.students.StudentRef;
import io.logicdistillation.inference.students.Students;
import io.logicdistillation.inference.students.StudentsProperties;
import io.logicdistillation.inference.upstream.TaskKey;
import io.logicdistillation.inference.upstream.TenantClients;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.ApplicationArguments;
import org.springframework.boot.ApplicationRunner;

/**
 * Fetches snapshots and loads students of the tasks that were served lately, as many as stay in memory, and rehearses. Spring Boot reports
 * a service as ready only when its runners have ended, so a new replica's first decisions are as fast as its later ones.
 */
final class WarmUp implements ApplicationRunner {
    private static final Logger log = LoggerFactory.getLogger(WarmUp.class);
    private static final Duration BETWEEN_TRIES = Duration.ofMillis(500);

    private final ServedTasks served;
    private final Snapshots snapshots;
    private final Students students;
    private final Rehearsal rehearsal;
    private final WarmUpProperties properties;
    private final int most;

    WarmUp(
            ServedTasks served,
            Snapshots snapshots,
            Students students,
            Rehearsal rehearsal,
            WarmUpProperties properties,
            StudentsProperties inMemory) {
        this.served = served;
        this.snapshots = snapshots;
        this.students = students;
        this.rehearsal = rehearsal;
        this.properties = properties;
        this.most = inMemory.resident();
    }

    @Override
    public void run(ApplicationArguments arguments) throws InterruptedException {
        List<Callable<TaskKey>> work = tasks().stream()
                .map(task -> (Callable<TaskKey>) () -> ready(task))
                .toList();
        if (work.isEmpty()) {
            return;
        }
        log.info("Getting ready for {} tasks", work.size());
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            long late = threads.invokeAll(work, properties.longest().toMillis(), TimeUnit.MILLISECONDS).stream()
                    .filter(Future::isCancelled)
                    .count();
            if (late > 0) {
                log.warn("{} of {} tasks are not ready; their first decisions will wait", late, work.size());
            }
        }
    }

    private List<TaskKey> tasks() {
        try {
            return served.recent(properties.since(), most);
        } catch (RuntimeException failure) {
            log.warn("Which tasks were served is not known: {}", failure.toString());
            return List.of();
        }
    }

    /** Neighbours may be starting as well, so it tries until it is stopped. What is gone needs no getting ready. */
    private TaskKey ready(TaskKey task) throws InterruptedException {
        while (true) {
            try {
                PreparedSnapshot snapshot = snapshots.of(task, null);
                try (Engines.Lease student = students.lease(new StudentRef(task, null), properties.longest())) {
                    rehearsal.of(task, snapshot, student.engine());
                }
                students.awaitCanary(task, properties.longest());
                return task;
            } catch (RuntimeException failure) {
                if (!TenantClients.isAway(failure)) {
                    log.info("Task '{}' is served no more: {}", task.task(), failure.getMessage());
                    return task;
                }
                Thread.sleep(BETWEEN_TRIES);
            }
        }
    }
}
