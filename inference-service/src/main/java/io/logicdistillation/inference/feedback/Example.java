package io.logicdistillation.inference.feedback;

import io.logicdistillation.contracts.Decision;
import io.logicdistillation.contracts.PublishedFunction;
import io.logicdistillation.inference.functionbase.PreparedSnapshot;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A corrected stage as a row of a dataset, ready to be uploaded to {@code /v1/datasets/{id}/trajectories}.
 *
 * @param episode of the decision; a decision without one is an episode of its own
 * @param candidates ascending by handle, as everywhere in training
 */
record Example(
        String episode,
        String task,
        String snapshot,
        String stage,
        String view,
        List<Candidate> candidates,
        String chosen,
        Object output) {
    /** A choice without a second candidate teaches nothing; datasets refuse it. */
    private static final int FEWEST_CANDIDATES = 2;

    record Candidate(String function, String handle, String manual) {
        static Candidate of(PublishedFunction function) {
            return new Candidate(function.name(), function.handle(), function.manual());
        }
    }

    /**
     * The stage as it was decided, with the right function among its candidates.
     *
     * @param output what the right function returns
     * @return empty if there was nothing to choose from
     */
    static Optional<Example> of(
            Decision decision,
            PreparedSnapshot snapshot,
            Decision.Stage stage,
            PublishedFunction right,
            Object output) {
        List<Candidate> candidates = Stream.concat(
                        stage.candidates().stream()
                                .map(candidate -> snapshot.function(stage.stage(), candidate.function())),
                        Stream.of(right))
                .distinct()
                .map(Candidate::of)
                .sorted(Comparator.comparing(Candidate::handle))
                .toList();
        if (candidates.size() < FEWEST_CANDIDATES) {
            return Optional.empty();
        }
        return Optional.of(new Example(
                Objects.requireNonNullElse(decision.episode(), decision.id()),
                decision.task(),
                decision.snapshot(),
                stage.stage(),
                stage.view(),
                candidates,
                right.name(),
                output));
    }
}
