package io.logicdistillation.inference.decisions;

import io.logicdistillation.contracts.Decision;
import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.contracts.ProblemType;
import io.logicdistillation.contracts.StageDefinition;
import io.logicdistillation.inference.engine.EngineException;
import io.logicdistillation.inference.engine.Entry;
import io.logicdistillation.inference.engine.Scores;
import io.logicdistillation.inference.engine.ScoringRequest;
import io.logicdistillation.inference.engine.StudentEngine;
import io.logicdistillation.inference.functionbase.Candidate;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/** Ranks candidates: by a student's probabilities, or as the caller imposes. */
final class Chooser {
    private Chooser() {}

    /** Asks the student. */
    static Choice byStudent(
            StudentEngine student,
            String rules,
            StageDefinition stage,
            String view,
            List<Candidate> candidates,
            Steps steps) {
        List<Entry> entries = candidates.stream()
                .map(Candidate::function)
                .map(function -> new Entry(function.name(), function.handle(), function.manual()))
                .toList();
        Scores scores = score(
                student,
                new ScoringRequest(
                        stage.name(),
                        ScoringRequest.prefix(rules, stage.instruction()),
                        view,
                        entries,
                        student.wayFor(stage.name(), entries)));
        steps.add(Steps.Step.PREFILL, scores.prefill());
        List<Choice.Ranked> ranked = new ArrayList<>();
        for (int i = 0; i < candidates.size(); i++) {
            ranked.add(
                    new Choice.Ranked(candidates.get(i), scores.probabilities().get(i)));
        }
        ranked.sort(
                Comparator.<Choice.Ranked>comparingDouble(each -> each.probability() == null ? 0 : -each.probability())
                        .thenComparing(each -> each.candidate().function().handle()));
        return new Choice(
                ranked, scores.none(), Decision.Way.valueOf(scores.way().name()), false);
    }

    private static Scores score(StudentEngine student, ScoringRequest request) {
        try {
            return student.score(request);
        } catch (EngineException failure) {
            throw switch (failure.kind()) {
                case TOO_LONG ->
                    new PlatformException(
                            ProblemType.INVALID_STATE,
                            "The state in words is longer than the student can read",
                            Map.of("pointer", "", "errors", List.of()));
                case INVALID_REQUEST, BASE_MODEL, STUDENT_PACKAGE, NOT_A_NUMBER, CLOSED, RUNTIME ->
                    new PlatformException(
                            ProblemType.UNAVAILABLE, "The student could not score the candidates", failure);
            };
        }
    }

    /** Puts the function that the caller imposes first. */
    static Choice byRule(String imposed, List<Candidate> candidates) {
        List<Choice.Ranked> ranked = candidates.stream()
                .sorted(Comparator.comparing(
                        candidate -> !candidate.function().name().equals(imposed)))
                .map(candidate -> new Choice.Ranked(candidate, null))
                .toList();
        return new Choice(ranked, null, null, true);
    }
}
