package io.logicdistillation.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.logicdistillation.inference.engine.Entry;
import io.logicdistillation.inference.engine.Scores;
import io.logicdistillation.inference.engine.ScoringRequest;
import io.logicdistillation.inference.engine.StudentEngine;
import io.logicdistillation.inference.engine.Way;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;

/** What every engine promises, in this process or not. */
public abstract class EngineContract {
    protected static final List<Entry> FOUR = List.of(
            new Entry("cut_off", "cut", "Heads for where the target will run. Use it when the target is far."),
            new Entry("flank", "flank", "Comes from the other side. Use it when the partner is near the target."),
            new Entry("pounce", "leap", "Steps onto the target. Use it when the target is adjacent."),
            new Entry("rest", "rest", "Stays where it is."));

    protected abstract StudentEngine engine();

    /** As answers name it. */
    protected abstract String name();

    /** By how much the same question may be answered otherwise. */
    protected double slack() {
        return 0;
    }

    private void same(Map<String, Double> found, Map<String, Double> expected) {
        assertThat(found.keySet()).isEqualTo(expected.keySet());
        found.forEach((name, share) -> assertThat(share).as(name).isCloseTo(expected.get(name), within(slack())));
    }

    protected static ScoringRequest request(List<Entry> entries) {
        return new ScoringRequest(
                "approach",
                ScoringRequest.prefix("Two chasers hunt two evaders on a grid.", "Choose how to approach."),
                "The target is far to the east, partner near it, path clear.",
                entries,
                Way.READING);
    }

    protected static Map<String, Double> byName(ScoringRequest request, Scores scores) {
        Map<String, Double> found = new HashMap<>();
        for (int i = 0; i < request.entries().size(); i++) {
            found.put(request.entries().get(i).name(), scores.probabilities().get(i));
        }
        found.put("none", scores.none());
        return found;
    }

    @Test
    void givesProbabilitiesThatAddUpToOneWithNone() {
        Scores scores = engine().score(request(FOUR));

        assertThat(scores.probabilities())
                .hasSize(4)
                .allSatisfy(share -> assertThat(share).isBetween(0.0, 1.0));
        assertThat(scores.none()).isBetween(0.0, 1.0);
        assertThat(scores.probabilities().stream()
                                .mapToDouble(Double::doubleValue)
                                .sum()
                        + scores.none())
                .isCloseTo(1, within(1e-9));
        assertThat(scores.way()).isEqualTo(Way.READING);
        assertThat(scores.prefill()).isPositive();
        assertThat(scores.newTokens()).isNotNegative();
        assertThat(scores.cachedTokens()).isNotNegative();
    }

    @Test
    void saysWhichEngineAnswered() {
        assertThat(engine().score(request(FOUR)).engine()).isEqualTo(name());
    }

    @Test
    void givesTheSameScoresInWhateverOrderTheCandidatesCome() {
        Map<String, Double> expected = byName(request(FOUR), engine().score(request(FOUR)));
        Random random = new Random(5);
        for (int i = 0; i < 6; i++) {
            List<Entry> shuffled = new ArrayList<>(FOUR);
            Collections.shuffle(shuffled, random);
            ScoringRequest again = request(shuffled);
            same(byName(again, engine().score(again)), expected);
        }
    }

    @Test
    void judgesASingleCandidateAgainstNone() {
        Scores scores = engine().score(request(FOUR.subList(0, 1)));

        assertThat(scores.probabilities()).hasSize(1);
        assertThat(scores.probabilities().getFirst() + scores.none()).isCloseTo(1, within(1e-9));
    }

    @Test
    void answersManyAtOnceAsItAnswersOne() {
        Map<String, Double> expected = byName(request(FOUR), engine().score(request(FOUR)));
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<CompletableFuture<Map<String, Double>>> all = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                all.add(CompletableFuture.supplyAsync(
                        () -> byName(request(FOUR), engine().score(request(FOUR))), threads));
            }
            assertThat(all).allSatisfy(each -> same(each.join(), expected));
        }
    }
}
