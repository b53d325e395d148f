package io.logicdistillation.inference.decisions;

import io.logicdistillation.contracts.Decision;
import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.contracts.ProblemType;
import io.logicdistillation.contracts.StageDefinition;
import io.logicdistillation.inference.escalations.Verdict;
import io.logicdistillation.inference.functionbase.Candidate;
import io.logicdistillation.inference.functionbase.CandidateSearch;
import io.logicdistillation.inference.sandbox.Arguments;
import io.logicdistillation.inference.sandbox.FunctionRunner;
import io.logicdistillation.inference.sandbox.Outcome;
import io.logicdistillation.inference.students.Engines;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Decides one stage: view, candidates, choice, execution. Thread-safe. */
final class StageDecider {
    private static final int LONGEST_REASON = 240;

    private final CandidateSearch search;
    private final FunctionRunner runner;
    private final Doubts doubts;
    private final MeterRegistry meters;

    StageDecider(CandidateSearch search, FunctionRunner runner, Doubts doubts, MeterRegistry meters) {
        this.search = search;
        this.runner = runner;
        this.doubts = doubts;
        this.meters = meters;
    }

    /**
     * What all stages of a decision share.
     *
     * @param student absent if the caller imposes every choice
     */
    record Work(Decisions.Room room, Engines.@Nullable Lease student) {}

    /**
     * @param imposed the function that the caller wants, if any
     * @throws PlatformException {@link ProblemType#FUNCTION_FAILED} if no function that may run gives a valid output, {@link
     *     ProblemType#UNDECIDED} if the task's policy refuses
     */
    Decision.Stage decide(Work work, StageDefinition stage, Arguments arguments, @Nullable String imposed) {
        long start = System.nanoTime();
        Decisions.Room room = work.room();
        room.deadline().check("stage '" + stage.name() + "' was waiting");
        String view = room.steps()
                .time(Steps.Step.EXECUTE, () -> runner.view(room.task().tenant(), stage, arguments));
        List<Candidate> candidates = room.steps()
                .time(Steps.Step.RETRIEVE, () -> search.candidates(room.task(), room.snapshot(), stage, view, imposed));
        Doubts.Place place = new Doubts.Place(work, stage, arguments, view);
        Choice choice = choice(place, candidates, imposed);
        Decision.Stage made = execute(place, arguments, doubts.weigh(place, choice));
        Timer.builder("decision.stage")
                .description("Time of a stage by who decided it")
                .tag(
                        "decided_by",
                        made.decidedBy().name().toLowerCase(Locale.ROOT).replace('_', '-'))
                .register(meters)
                .record(Duration.ofNanos(System.nanoTime() - start));
        return made;
    }

    private static Choice choice(Doubts.Place at, List<Candidate> candidates, @Nullable String imposed) {
        if (imposed != null) {
            return Chooser.byRule(imposed, candidates);
        }
        Engines.Lease student = at.work().student();
        if (student == null) {
            throw new IllegalStateException(
                    "No student was leased for stage " + at.stage().name());
        }
        Decisions.Room room = at.work().room();
        try {
            return Chooser.byStudent(
                    student.engine().within(room.deadline()::remaining),
                    room.snapshot().task().rules(),
                    at.stage(),
                    at.view(),
                    candidates,
                    room.steps());
        } catch (PlatformException failure) {
            // What failed for want of time is late, not broken.
            room.deadline().check("the student of stage '" + at.stage().name() + "' was asked");
            throw failure;
        }
    }

    private Decision.Stage execute(Doubts.Place at, Arguments arguments, Doubts.Settled first) {
        Doubts.Settled settled = first;
        List<Failure> failures = new ArrayList<>();
        Deque<Choice.Ranked> left = new ArrayDeque<>(first.order());
        while (!left.isEmpty()) {
            Choice.Ranked next = left.removeFirst();
            switch (run(at, arguments, next)) {
                case Outcome.Produced produced -> {
                    return stage(at, settled, next, failures, produced.output())
                            .withBanned(at.work()
                                    .room()
                                    .snapshot()
                                    .banned(at.stage().name()));
                }
                case Outcome.Failed failed -> failures.add(new Failure(next.name(), failed.cause()));
            }
            if (settled.choice().imposed()) {
                break;
            }
            if (settled.doubt() == null) {
                settled = doubts.afterFailure(at, settled.choice(), List.copyOf(left), allFailed(at.stage(), failures));
                left = new ArrayDeque<>(settled.order());
            }
        }
        throw allFailed(at.stage(), failures);
    }

    private Outcome run(Doubts.Place at, Arguments arguments, Choice.Ranked next) {
        Decisions.Room room = at.work().room();
        room.deadline().check("functions of stage '" + at.stage().name() + "' were running");
        return room.steps()
                .time(
                        Steps.Step.EXECUTE,
                        () -> runner.run(
                                room.task().tenant(),
                                next.candidate().function(),
                                arguments,
                                room.snapshot().outputSchemas(at.stage().name())));
    }

    private static Decision.Stage stage(
            Doubts.Place at, Doubts.Settled settled, Choice.Ranked chosen, List<Failure> failures, Object output) {
        Choice choice = settled.choice();
        Decision.DecidedBy by = decidedBy(settled, chosen, failures);
        return new Decision.Stage(
                at.stage().name(),
                at.view(),
                choice.ranked().stream().map(Choice.Ranked::wire).toList(),
                choice.none(),
                chosen.name(),
                by,
                choice.way(),
                choice.engine(),
                by == Decision.DecidedBy.TEACHER ? taught(settled, chosen) : reason(chosen, failures),
                output,
                settled.doubt(),
                null);
    }

    private static Decision.DecidedBy decidedBy(Doubts.Settled settled, Choice.Ranked chosen, List<Failure> failures) {
        if (settled.choice().imposed()) {
            return Decision.DecidedBy.RULE;
        }
        Verdict.Chosen teacher = settled.teacher();
        if (teacher != null && teacher.function().equals(chosen.name())) {
            return Decision.DecidedBy.TEACHER;
        }
        return failures.isEmpty() ? Decision.DecidedBy.STUDENT : Decision.DecidedBy.RUNNER_UP;
    }

    /** The teacher's own words, if it had any. */
    private static String taught(Doubts.Settled settled, Choice.Ranked chosen) {
        Verdict.Chosen teacher = settled.teacher();
        return teacher == null || teacher.reason().isBlank() ? reason(chosen, List.of()) : teacher.reason();
    }

    /** The first sentence of the manual; after a failure it says whose place the function takes. */
    private static String reason(Choice.Ranked chosen, List<Failure> failures) {
        String manual = chosen.candidate().function().manual().strip();
        int end = manual.indexOf(". ");
        String line = (end < 0 ? manual : manual.substring(0, end + 1)).replaceAll("\\s+", " ");
        String shortened = line.length() <= LONGEST_REASON ? line : line.substring(0, LONGEST_REASON) + "…";
        return failures.isEmpty()
                ? shortened
                : shortened + " (in place of '" + failures.getFirst().function() + "', which failed: "
                        + failures.getFirst().cause() + ")";
    }

    private static PlatformException allFailed(StageDefinition stage, List<Failure> failures) {
        Failure first = failures.getFirst();
        String others = failures.size() == 1 ? "" : "; so did the other " + (failures.size() - 1);
        return new PlatformException(
                ProblemType.FUNCTION_FAILED,
                "Function '" + first.function() + "' of stage '" + stage.name() + "' failed: " + first.cause() + others,
                Map.of(
                        "stage", stage.name(),
                        "function", first.function(),
                        "cause", first.cause(),
                        "failures", List.copyOf(failures)));
    }

    /** A function that ran and gave nothing of use. */
    private record Failure(String function, String cause) {}
}
