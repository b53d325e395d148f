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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Decides on a logged state anew, as a student alone would: the most probable function that works runs, nobody is asked in doubt,
 * nothing is logged or measured. Thread-safe.
 */
public final class Reconsiderations {
    private final CandidateSearch search;
    private final FunctionRunner runner;

    Reconsiderations(CandidateSearch search, FunctionRunner runner) {
        this.search = search;
        this.runner = runner;
    }

    /**
     * A stage decided anew.
     *
     * @param candidates names to versions
     * @param chosen absent if every candidate failed
     * @param output absent likewise
     */
    public record Stage(
            String stage,
            String view,
            Map<String, String> candidates,
            @Nullable String chosen,
            @Nullable Object output) {}

    /**
     * @param decision whose state it is, and what was remembered then
     * @return the stages up to the first that fails
     * @throws PlatformException if there is nothing to choose from, or the student can not score
     */
    public List<Stage> decide(TaskKey task, PreparedSnapshot snapshot, StudentEngine student, Decision decision) {
        Map<String, Object> earlier = new LinkedHashMap<>();
        List<Stage> decided = new ArrayList<>();
        Arguments arguments = Arguments.of(snapshot.task(), decision);
        for (StageDefinition stage : snapshot.task().stages()) {
            Stage made = decide(task, snapshot, student, stage, arguments);
            decided.add(made);
            Object output = made.output();
            if (output == null) {
                break;
            }
            earlier.put(stage.name(), output);
            arguments = arguments.with(earlier);
        }
        return decided;
    }

    private Stage decide(
            TaskKey task,
            PreparedSnapshot snapshot,
            StudentEngine student,
            StageDefinition stage,
            Arguments arguments) {
        String view;
        try {
            view = runner.view(task.tenant(), stage, arguments);
        } catch (PlatformException failure) {
            if (failure.type() != ProblemType.FUNCTION_FAILED) {
                throw failure;
            }
            return new Stage(stage.name(), "", Map.of(), null, null);
        }
        List<Candidate> candidates = search.candidates(task, snapshot, stage, view, null);
        Map<String, String> shown = new LinkedHashMap<>();
        candidates.forEach(
                each -> shown.put(each.function().name(), each.function().version()));
        Choice choice = Chooser.byStudent(student, snapshot.task().rules(), stage, view, candidates, Steps.untraced());
        for (Choice.Ranked next : choice.ranked()) {
            Outcome outcome = runner.run(
                    task.tenant(), next.candidate().function(), arguments, snapshot.outputSchemas(stage.name()));
            if (outcome instanceof Outcome.Produced(Object output)) {
                return new Stage(stage.name(), view, shown, next.name(), output);
            }
        }
        return new Stage(stage.name(), view, shown, null, null);
    }

    /** What a logged stage showed, as {@link Stage#candidates}. */
    public static Map<String, String> candidates(Decision.Stage logged) {
        Map<String, String> shown = new LinkedHashMap<>();
        logged.candidates().forEach(each -> shown.put(each.function(), each.version()));
        return shown;
    }
}
