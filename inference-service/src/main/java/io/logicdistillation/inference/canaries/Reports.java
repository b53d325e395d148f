package io.logicdistillation.inference.canaries;

import io.logicdistillation.inference.students.Students;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the registry how canaries do. Every replica tells what all have counted, so none is needed in particular, and the registry
 * alone judges. What could not be told is told the next time.
 */
final class Reports implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Reports.class);

    private final Counts counts;
    private final Students students;
    private final ScheduledExecutorService ticks =
            Executors.newSingleThreadScheduledExecutor(Thread.ofVirtual().factory());
    private boolean failing;

    Reports(Counts counts, Students students, CanaryProperties properties) {
        this.counts = counts;
        this.students = students;
        long every = properties.report().toMillis();
        var unused = ticks.scheduleWithFixedDelay(this::reportAll, every, every, TimeUnit.MILLISECONDS);
    }

    private void reportAll() {
        counts.tallies().forEach(this::report);
    }

    private void report(Counts.Tally tally) {
        try {
            Figures figures = counts.settle(tally);
            if (!students.report(tally.task.tenant(), tally.canary.id(), figures)) {
                log.info("The canary {} of task '{}' has ended", tally.canary.id(), tally.task.task());
                counts.forget(tally);
            }
            failing = false;
        } catch (RuntimeException failure) {
            if (!failing) {
                failing = true;
                log.warn(
                        "How the canary {} of task '{}' does could not be told, the next try will: {}",
                        tally.canary.id(),
                        tally.task.task(),
                        failure.toString());
            }
        }
    }

    /** Another replica tells what this one has written down last. */
    @Override
    public void close() {
        ticks.shutdownNow();
        counts.tallies().forEach(tally -> {
            try {
                counts.settle(tally);
            } catch (RuntimeException failure) {
                log.debug("The last counts of a canary are lost: {}", failure.toString());
            }
        });
    }
}
