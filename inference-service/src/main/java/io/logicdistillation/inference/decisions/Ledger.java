package io.logicdistillation.inference.decisions;

import io.logicdistillation.contracts.Decision;
import io.logicdistillation.inference.decisionlog.DecisionLog;
import io.logicdistillation.inference.decisionlog.IdempotencyKey;
import io.logicdistillation.inference.decisionlog.ServedTasks;
import io.logicdistillation.inference.feedback.Feedback;
import io.logicdistillation.inference.feedback.FeedbackDesk;
import io.logicdistillation.inference.upstream.TaskKey;
import io.logicdistillation.kit.Caller;
import io.logicdistillation.kit.Scope;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes decisions down, and what the teacher chose in them as corrections, so that the next student learns it. Thread-safe. */
final class Ledger {
    private static final Logger log = LoggerFactory.getLogger(Ledger.class);

    private final DecisionLog decisions;
    private final FeedbackDesk feedback;
    private final ServedTasks served;

    Ledger(DecisionLog decisions, FeedbackDesk feedback, ServedTasks served) {
        this.decisions = decisions;
        this.feedback = feedback;
        this.served = served;
    }

    Optional<Decision> earlier(String tenant, IdempotencyKey key) {
        return decisions.earlier(tenant, key);
    }

    /** What an episode's next decision is told of those before. @param most decisions */
    DecisionLog.Recollection remembered(TaskKey task, String episode, int most) {
        return decisions.remembered(task.tenant(), task.task(), episode, most);
    }

    /** @return the decision that stands: this one, or the one that the same request got before */
    Decision write(String tenant, Decision decision, @Nullable IdempotencyKey key) {
        Decision standing = decisions.write(tenant, decision, key);
        served.note(new TaskKey(tenant, decision.task()));
        if (standing.id().equals(decision.id())) {
            decision.stages().stream()
                    .filter(stage -> stage.decidedBy() == Decision.DecidedBy.TEACHER)
                    .forEach(stage -> teach(tenant, decision.id(), stage));
        }
        return standing;
    }

    /** A lesson that is lost is no reason to lose the decision. */
    private void teach(String tenant, String decision, Decision.Stage stage) {
        Decision.Doubt doubt = stage.doubt();
        String comment = doubt == null ? null : "Escalated: " + doubt.cause();
        try {
            feedback.take(
                    new Caller(tenant, Feedback.TEACHER, Set.of(Scope.DECIDE)),
                    decision,
                    new Feedback.Statement(stage.stage(), null, stage.chosen(), comment));
        } catch (RuntimeException failure) {
            log.warn("The teacher's choice in decision {} became no example: {}", decision, failure.toString());
        }
    }
}
