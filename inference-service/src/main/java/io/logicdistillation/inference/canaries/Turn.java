package io.logicdistillation.inference.canaries;

import io.logicdistillation.contracts.Decision;
import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.contracts.ProblemType;
import io.logicdistillation.contracts.Student;
import io.logicdistillation.inference.upstream.TaskKey;
import java.io.UncheckedIOException;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DataAccessException;
import org.springframework.transaction.TransactionException;

/** Whose turn one decision is, and what came of it; counted once at most. For one thread. */
public final class Turn {
    private final Counts counts;
    private final TaskKey task;
    private final Student.@Nullable Canary canary;
    private final Arm arm;
    private boolean counted;
    private @Nullable Boolean mark;

    private Turn(Counts counts, TaskKey task, Student.@Nullable Canary canary, Arm arm) {
        this.counts = counts;
        this.task = task;
        this.canary = canary;
        this.arm = arm;
        this.counted = canary == null;
        this.mark = arm == Arm.CANARY ? Boolean.TRUE : null;
    }

    static Turn of(Counts counts, TaskKey task, Student.Canary canary, Arm arm) {
        return new Turn(counts, task, canary, arm);
    }

    /** Where there is no canary. */
    static Turn ofNoCanary(Counts counts, TaskKey task) {
        return new Turn(counts, task, null, Arm.SERVING);
    }

    /** The canary that shall decide; absent if it is not its turn. */
    public Student.@Nullable Canary canary() {
        return arm == Arm.CANARY && Boolean.TRUE.equals(mark) ? canary : null;
    }

    /** As {@link Decision#canary}. */
    public @Nullable Boolean mark() {
        return mark;
    }

    /** The canary is not ready yet, which is no fault: the one that serves decides as if there were none. */
    public void pass() {
        counted = true;
        mark = null;
    }

    /**
     * The canary could not.
     *
     * @return whether the one that serves shall decide in its place; if not, the failure is the answer, as it is without a canary
     */
    public boolean fallBack(RuntimeException failure) {
        boolean broken = outcome(failure) == Outcome.FAILED && !isAnswer(failure);
        if (broken) {
            count(Outcome.FAILED);
            mark = Boolean.FALSE;
        }
        return broken;
    }

    /** No time is left for another try, or the functions are to blame as much as whoever chose them. */
    private static boolean isAnswer(RuntimeException failure) {
        return failure instanceof PlatformException known
                && (known.type() == ProblemType.UPSTREAM_TIMEOUT || known.type() == ProblemType.FUNCTION_FAILED);
    }

    /** A decision was made and logged. */
    public void made(Decision decision) {
        boolean stood = decision.stages().stream().allMatch(stage -> stage.doubt() == null);
        count(stood ? Outcome.DECIDED : Outcome.ESCALATED);
    }

    /** There is no decision. */
    public void failed(RuntimeException failure) {
        Outcome outcome = outcome(failure);
        if (outcome != null) {
            count(outcome);
        }
    }

    /** Absent where it says nothing about a student: the client has gone or asked wrongly, or the database has gone. */
    private static @Nullable Outcome outcome(RuntimeException failure) {
        return switch (failure) {
            case PlatformException known when known.type() == ProblemType.UNDECIDED -> Outcome.ESCALATED;
            case PlatformException known when known.type() == ProblemType.FUNCTION_FAILED -> Outcome.FAILED;
            case PlatformException known -> known.type().status() >= 500 ? Outcome.FAILED : null;
            case UncheckedIOException gone -> null;
            case DataAccessException away -> null;
            case TransactionException away -> null;
            default -> Outcome.FAILED;
        };
    }

    private void count(Outcome outcome) {
        Student.Canary tried = canary;
        if (!counted && tried != null) {
            counted = true;
            counts.add(task, tried, arm, outcome);
        }
    }
}
