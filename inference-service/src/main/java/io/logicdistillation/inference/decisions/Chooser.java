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
import io.logicdistillation.inference.engine.Way;
import io.logicdistillation.inference.functionbase.Candidate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;

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
        Judged judged = judged(student, rules, stage, view, entries, steps);
        List<Choice.Ranked> ranked = new ArrayList<>();
        for (int i = 0; i < candidates.size(); i++) {
            ranked.add(new Choice.Ranked(candidates.get(i), judged.probabilities()[i]));
        }
        ranked.sort(
                Comparator.<Choice.Ranked>comparingDouble(each -> each.probability() == null ? 0 : -each.probability())
                        .thenComparing(each -> each.candidate().function().handle()));
        int first = candidates.indexOf(ranked.getFirst().candidate());
        return new Choice(
                ranked,
                judged.none(),
                Decision.Way.valueOf(judged.ways()[first].name()),
                judged.engines()[first],
                Set.copyOf(Arrays.asList(judged.ways())),
                false);
    }

    /** Probabilities in the order of the candidates, and the way and the engine by which each was judged. */
    record Judged(double[] probabilities, double none, Way[] ways, String[] engines) {}

    /**
     * Reads the entries that are new to the student, and recalls the others. A new entry that fits goes first: it was added because
     * what was there before did not do. What reading leaves to "none" is shared out by recall.
     */
    static Judged judged(
            StudentEngine student, String rules, StageDefinition stage, String view, List<Entry> entries, Steps steps) {
        double[] probabilities = new double[entries.size()];
        Way[] wanted = new Way[entries.size()];
        Arrays.setAll(wanted, i -> student.recalls(stage.name(), entries.get(i)) ? Way.RECALL : Way.READING);
        Way[] ways = new Way[entries.size()];
        String[] engines = new String[entries.size()];
        boolean mixed = Arrays.stream(wanted).distinct().count() > 1;
        double left = 1;
        for (Way way : List.of(Way.READING, Way.RECALL)) {
            int[] places = IntStream.range(0, wanted.length)
                    .filter(i -> wanted[i] == way)
                    .toArray();
            if (places.length == 0) {
                continue;
            }
            List<Entry> some = Arrays.stream(places).mapToObj(entries::get).toList();
            String prefix = ScoringRequest.prefix(rules, stage.instruction());
            Scores scores = score(
                    student,
                    new ScoringRequest(stage.name(), prefix, "", view, some, way, mixed && way == Way.READING));
            steps.add(Steps.Step.PREFILL, scores.prefill());
            for (int i = 0; i < places.length; i++) {
                probabilities[places[i]] = left * scores.probabilities().get(i);
                ways[places[i]] = scores.way();
                engines[places[i]] = scores.engine();
            }
            left *= scores.none();
        }
        return new Judged(probabilities, left, ways, engines);
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
                case REMOTE ->
                    new PlatformException(
                            ProblemType.UNAVAILABLE, "The student's engine gave no answer: " + failure.getMessage());
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
        return new Choice(ranked, null, null, null, Set.of(), true);
    }
}
