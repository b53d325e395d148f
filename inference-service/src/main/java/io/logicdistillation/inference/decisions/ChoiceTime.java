package io.logicdistillation.inference.decisions;

import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.contracts.ProblemType;
import io.logicdistillation.contracts.StageDefinition;
import io.logicdistillation.inference.engine.Entry;
import io.logicdistillation.inference.engine.StudentEngine;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * What a student needs for a stage's choice, as {@code prefillMs} of a decision counts it: neither the search for candidates, nor
 * the functions, nor the waiting for the model's turn.
 *
 * @param way by which it judged the candidates: recall, reading, or both of them
 * @param engine that did, or those that did
 */
public record ChoiceTime(double millis, String way, String engine) {
    /**
     * Has the student choose, whether or not it remembers the choice. Nothing is logged.
     *
     * @throws PlatformException {@link ProblemType#INVALID_STATE} if that is longer than the student reads, or {@link
     *     ProblemType#UNAVAILABLE} if it gives no numbers
     */
    public static ChoiceTime of(
            StudentEngine student, String rules, StageDefinition stage, String view, List<Entry> entries) {
        Steps steps = Steps.untraced();
        Chooser.Judged judged = Chooser.judged(student.anew(), rules, stage, view, entries, steps);
        return new ChoiceTime(
                steps.timings().prefillMs(),
                Arrays.stream(judged.ways())
                        .map(way -> way.name().toLowerCase(Locale.ROOT))
                        .distinct()
                        .sorted()
                        .collect(Collectors.joining("+")),
                Arrays.stream(judged.engines()).distinct().sorted().collect(Collectors.joining("+")));
    }
}
