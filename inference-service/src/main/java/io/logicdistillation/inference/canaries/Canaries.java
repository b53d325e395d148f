package io.logicdistillation.inference.canaries;

import io.logicdistillation.contracts.DecisionRequest;
import io.logicdistillation.contracts.Student;
import io.logicdistillation.inference.decisionlog.DecisionLog;
import io.logicdistillation.inference.decisionlog.IdempotencyKey;
import io.logicdistillation.inference.students.Students;
import io.logicdistillation.inference.upstream.TaskKey;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Says whose turn a decision is: the student's that serves, or the canary's. Thread-safe. */
public final class Canaries {
    private final Students students;
    private final DecisionLog log;
    private final Counts counts;

    Canaries(Students students, DecisionLog log, Counts counts) {
        this.students = students;
        this.log = log;
        this.counts = counts;
    }

    /**
     * A request that names its student has no turn: it is no fair sample.
     *
     * @param key by which the same request may come again; it meets the same student
     * @param recollection of the request's episode, where the log was read for it; it is not read again then
     */
    public Turn turn(
            TaskKey task,
            DecisionRequest request,
            @Nullable IdempotencyKey key,
            Optional<DecisionLog.Recollection> recollection) {
        Optional<Student.Canary> running = request.student() == null ? students.canary(task) : Optional.empty();
        if (running.isEmpty()) {
            return Turn.ofNoCanary(counts, task);
        }
        Student.Canary canary = running.get();
        String episode = request.episode();
        boolean canarys = episode == null
                ? Split.isCanarys(canary.id(), key == null ? UUID.randomUUID().toString() : key.key(), canary.percent())
                : isEpisodeOf(task, canary, episode, recollection);
        return Turn.of(counts, task, canary, canarys ? Arm.CANARY : Arm.SERVING);
    }

    /** An episode that began with one of the two students ends with it, though the share changes or the canary began later. */
    private boolean isEpisodeOf(
            TaskKey task, Student.Canary canary, String episode, Optional<DecisionLog.Recollection> recollection) {
        Optional<DecisionLog.Turn> last = recollection
                .map(DecisionLog.Recollection::last)
                .orElseGet(() -> log.lastOfEpisode(task.tenant(), task.task(), UUID.fromString(episode)));
        if (last.isPresent() && last.get().student().equals(canary.student())) {
            return true;
        }
        if (last.isPresent()
                && last.get().student().equals(canary.serving())
                && last.get().canary() == null) {
            return false;
        }
        return Split.isCanarys(canary.id(), episode, canary.percent());
    }
}
