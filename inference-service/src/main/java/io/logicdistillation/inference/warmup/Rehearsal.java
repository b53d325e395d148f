package io.logicdistillation.inference.warmup;

import io.logicdistillation.inference.decisionlog.DecisionFilter;
import io.logicdistillation.inference.decisionlog.DecisionLog;
import io.logicdistillation.inference.decisionlog.LoggedDecision;
import io.logicdistillation.inference.decisions.Reconsiderations;
import io.logicdistillation.inference.engine.StudentEngine;
import io.logicdistillation.inference.functionbase.PreparedSnapshot;
import io.logicdistillation.inference.upstream.TaskKey;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides a task's latest decisions anew, without a trace of them. What a virtual machine has never run is slow by a factor of ten and more: the
 * sandbox, the model, the search and the connections to them. Whoever is sent to a new replica first would wait for that.
 */
final class Rehearsal {
    private static final Logger log = LoggerFactory.getLogger(Rehearsal.class);

    private final DecisionLog decisions;
    private final Reconsiderations reconsiderations;
    private final WarmUpProperties properties;

    Rehearsal(DecisionLog decisions, Reconsiderations reconsiderations, WarmUpProperties properties) {
        this.decisions = decisions;
        this.reconsiderations = reconsiderations;
        this.properties = properties;
    }

    /** A decision that can not be made now is not needed. */
    void of(TaskKey task, PreparedSnapshot snapshot, StudentEngine student) {
        long start = System.nanoTime();
        int made = 0;
        for (LoggedDecision each : latest(task)) {
            if (Thread.currentThread().isInterrupted()
                    || System.nanoTime() - start > properties.rehearsing().toNanos()) {
                break;
            }
            made += decide(task, snapshot, student, each) ? 1 : 0;
        }
        log.info(
                "Made {} decisions of task '{}' anew in {} ms",
                made,
                task.task(),
                (System.nanoTime() - start) / 1_000_000);
    }

    private List<LoggedDecision> latest(TaskKey task) {
        DecisionFilter everything = DecisionFilter.between(null, null);
        return decisions
                .list(task.tenant(), task.task(), null, properties.rehearsals(), everything)
                .items();
    }

    private boolean decide(TaskKey task, PreparedSnapshot snapshot, StudentEngine student, LoggedDecision logged) {
        if (logged.redacted() != null || logged.decision().state() == null) {
            return false;
        }
        try {
            reconsiderations.decide(task, snapshot, student, logged.decision());
            return true;
        } catch (RuntimeException failure) {
            log.debug(
                    "Decision {} could not be made anew: {}", logged.decision().id(), failure.toString());
            return false;
        }
    }
}
