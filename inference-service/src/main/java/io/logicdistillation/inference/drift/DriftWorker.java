package io.logicdistillation.inference.drift;

import io.logicdistillation.contracts.Decision;
import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.contracts.PublishedFunction;
import io.logicdistillation.inference.decisionlog.DecisionFilter;
import io.logicdistillation.inference.decisionlog.DecisionLog;
import io.logicdistillation.inference.decisionlog.LoggedDecision;
import io.logicdistillation.inference.decisions.Reconsiderations;
import io.logicdistillation.inference.functionbase.PreparedSnapshot;
import io.logicdistillation.inference.functionbase.Snapshots;
import io.logicdistillation.inference.students.Engines;
import io.logicdistillation.inference.students.StudentRef;
import io.logicdistillation.inference.students.Students;
import io.logicdistillation.inference.upstream.TaskKey;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.transaction.TransactionException;

/**
 * Works on drift reports, one decision at a time in the whole process, and leaves the model alone between two for as long as one
 * took: live decisions meet it at most half of the time, and never wait for more than one.
 */
final class DriftWorker implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(DriftWorker.class);
    private static final int AT_ONCE = 10;
    private static final Duration LOADING = Duration.ofSeconds(25);
    private static final Duration SILENCE = Duration.ofMinutes(2);

    private final DriftReports reports;
    private final DecisionLog decisions;
    private final Sources sources;
    private final ScheduledExecutorService ticks =
            Executors.newSingleThreadScheduledExecutor(Thread.ofVirtual().factory());

    /** What decides anew. */
    record Sources(Snapshots snapshots, Students students, Reconsiderations reconsiderations) {}

    DriftWorker(DriftReports reports, DecisionLog decisions, Sources sources) {
        this.reports = reports;
        this.decisions = decisions;
        this.sources = sources;
        var unused = ticks.scheduleWithFixedDelay(this::runSafely, 500, 500, TimeUnit.MILLISECONDS);
    }

    private void runSafely() {
        try {
            reports.claim(SILENCE).ifPresent(this::run);
        } catch (RuntimeException failure) {
            // The database is away; the report is claimed again when it is back.
            log.debug("No drift report could be worked on: {}", failure.toString());
        }
    }

    private void run(DriftReports.Work work) {
        if (work.report().status() != DriftReport.Status.RUNNING) {
            return;
        }
        try {
            TaskKey task = new TaskKey(work.tenant(), work.report().task());
            PreparedSnapshot snapshot =
                    sources.snapshots().of(task, work.report().snapshot());
            compare(work, task, snapshot);
        } catch (PlatformException failure) {
            reports.fail(work, failure.type().title() + ": " + failure.getMessage());
        } catch (DataAccessException | TransactionException away) {
            throw away;
        } catch (RuntimeException failure) {
            log.warn("Drift report {} fails", work.id(), failure);
            reports.fail(work, "Something went wrong on our side");
        }
    }

    /** A lease is taken for a few decisions at a time, so that a student may be replaced meanwhile. */
    private void compare(DriftReports.Work work, TaskKey task, PreparedSnapshot snapshot) {
        DecisionFilter everything = DecisionFilter.between(null, null);
        UUID at = work.after() == null ? justBefore(work.first()) : work.after();
        Tally tally = work.report().found();
        int done = work.report().done();
        while (!Thread.currentThread().isInterrupted()) {
            List<LoggedDecision> some =
                    decisions.following(task.tenant(), task.task(), at, AT_ONCE, everything).stream()
                            .filter(each ->
                                    each.decision().id().compareTo(work.last().toString()) <= 0)
                            .toList();
            if (some.isEmpty()) {
                reports.save(work, at, done, tally, DriftReport.Status.DONE);
                return;
            }
            try (Engines.Lease lease =
                    sources.students().lease(new StudentRef(task, work.report().student()), LOADING)) {
                for (LoggedDecision each : some) {
                    tally = compare(task, snapshot, lease, each, tally);
                }
            }
            done += some.size();
            at = UUID.fromString(some.getLast().decision().id());
            if (!reports.save(work, at, done, tally, DriftReport.Status.RUNNING)) {
                return;
            }
        }
    }

    private static UUID justBefore(UUID id) {
        return new UUID(id.getMostSignificantBits(), id.getLeastSignificantBits() - 1);
    }

    private Tally compare(
            TaskKey task, PreparedSnapshot snapshot, Engines.Lease lease, LoggedDecision logged, Tally tally) {
        Decision decision = logged.decision();
        if (logged.redacted() != null || decision.state() == null) {
            return tally.withRedacted();
        }
        long start = System.nanoTime();
        try {
            List<Reconsiderations.Stage> anew =
                    sources.reconsiderations().decide(task, snapshot, lease.engine(), decision);
            return tally.with(decision, anew, (stage, function) -> version(snapshot, stage, function));
        } catch (PlatformException failure) {
            log.debug("Decision {} could not be decided anew: {}", decision.id(), failure.getMessage());
            return tally.withFailed();
        } finally {
            rest(System.nanoTime() - start);
        }
    }

    private static @Nullable String version(PreparedSnapshot snapshot, String stage, String function) {
        return snapshot.find(stage, function).map(PublishedFunction::version).orElse(null);
    }

    private static void rest(long nanos) {
        try {
            TimeUnit.NANOSECONDS.sleep(Math.min(nanos, TimeUnit.SECONDS.toNanos(1)));
        } catch (InterruptedException closing) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        ticks.shutdownNow();
    }
}
