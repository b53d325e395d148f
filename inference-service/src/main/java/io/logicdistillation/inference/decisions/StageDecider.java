package io.logicdistillation.inference.decisions;

import io.logicdistillation.contracts.Decision;
import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.contracts.ProblemType;
import io.logicdistillation.contracts.StageDefinition;
import io.logicdistillation.inference.engine.StudentEngine;
import io.logicdistillation.inference.functionbase.Candidate;
import io.logicdistillation.inference.functionbase.CandidateSearch;
import io.logicdistillation.inference.functionbase.PreparedSnapshot;
import io.logicdistillation.inference.sandbox.Arguments;
import io.logicdistillation.inference.sandbox.FunctionRunner;
import io.logicdistillation.inference.sandbox.Outcome;
import io.logicdistillation.inference.upstream.TaskKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Decides one stage: view, candidates, choice, execution. Thread-safe. */
final class StageDecider {
    private static final int LONGEST_REASON = 240;

    private final CandidateSearch search;
    private final FunctionRunner runner;

    StageDecider(CandidateSearch search, FunctionRunner runner) {
        this.search = search;
        this.runner = runner;
    }

    /**
     * What all stages of a decision share.
     *
     * @param student absent if the caller imposes every choice
     */
    record Work(
            TaskKey task,
            PreparedSnapshot snapshot,
            @Nullable StudentEngine student,
            Steps steps,
            Deadline deadline) {}

    /**
     * @param imposed the function that the caller wants, if any
     * @throws PlatformException {@link ProblemType#FUNCTION_FAILED} if no function that may run gives a valid output
     */
    Decision.Stage decide(Work work, StageDefinition stage, Arguments arguments, @Nullable String imposed) {
        work.deadline().check("stage '" + stage.name() + "' was waiting");
        String view = work.steps()
                .time(Steps.Step.EXECUTE, () -> runner.view(work.task().tenant(), stage, arguments));
        List<Candidate> candidates = work.steps()
                .time(Steps.Step.RETRIEVE, () -> search.candidates(work.task(), work.snapshot(), stage, view, imposed));
        Choice choice = choice(work, stage, view, candidates, imposed);
        return execute(work, stage, arguments, view, choice);
    }

    private static Choice choice(
            Work work, StageDefinition stage, String view, List<Candidate> candidates, @Nullable String imposed) {
        if (imposed != null) {
            return Chooser.byRule(imposed, candidates);
        }
        StudentEngine student = work.student();
        if (student == null) {
            throw new IllegalStateException("No student was leased for stage " + stage.name());
        }
        return Chooser.byStudent(student, work.snapshot().task().rules(), stage, view, candidates, work.steps());
    }

    private Decision.Stage execute(Work work, StageDefinition stage, Arguments arguments, String view, Choice choice) {
        List<Failure> failures = new ArrayList<>();
        for (Choice.Ranked next : choice.ranked()) {
            work.deadline().check("functions of stage '" + stage.name() + "' were running");
            Outcome outcome = work.steps()
                    .time(
                            Steps.Step.EXECUTE,
                            () -> runner.run(
                                    work.task().tenant(),
                                    next.candidate().function(),
                                    arguments,
                                    work.snapshot().outputSchemas(stage.name())));
            switch (outcome) {
                case Outcome.Produced produced -> {
                    return stage(stage, view, choice, next, failures, produced.output())
                            .withBanned(work.snapshot().banned(stage.name()));
                }
                case Outcome.Failed failed -> failures.add(new Failure(next.name(), failed.cause()));
            }
            if (choice.imposed()) {
                break;
            }
        }
        throw allFailed(stage, failures);
    }

    private static Decision.Stage stage(
            StageDefinition stage,
            String view,
            Choice choice,
            Choice.Ranked chosen,
            List<Failure> failures,
            Object output) {
        Decision.DecidedBy decidedBy = choice.imposed()
                ? Decision.DecidedBy.RULE
                : failures.isEmpty() ? Decision.DecidedBy.STUDENT : Decision.DecidedBy.RUNNER_UP;
        return new Decision.Stage(
                stage.name(),
                view,
                choice.ranked().stream().map(Choice.Ranked::wire).toList(),
                choice.none(),
                chosen.name(),
                decidedBy,
                choice.way(),
                reason(chosen, failures),
                output,
                null);
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
