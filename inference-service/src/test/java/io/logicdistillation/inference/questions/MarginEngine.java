package io.logicdistillation.inference.questions;

import io.logicdistillation.inference.engine.EngineException;
import io.logicdistillation.inference.engine.Entry;
import io.logicdistillation.inference.engine.Scores;
import io.logicdistillation.inference.engine.ScoringRequest;
import io.logicdistillation.inference.engine.StudentEngine;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Judges every entry by its text alone, as reading does: by a margin that a test sets, else by one that the text hashes to. Where there is
 * nothing to read it leans nowhere, if a test does not say so.
 */
final class MarginEngine implements StudentEngine {
    final List<ScoringRequest> requests = new ArrayList<>();
    private final Map<String, Double> margins;
    private final Map<String, Double> leanings = new HashMap<>();
    private final int mostEntries;
    private boolean anotherMakers;

    /** @param mostEntries more at once are too long for it */
    MarginEngine(Map<String, Double> margins, int mostEntries) {
        this.margins = margins;
        this.mostEntries = mostEntries;
    }

    /** The margin of an entry where there is nothing to read; it adds to the one about a state. */
    MarginEngine leaning(String entry, double margin) {
        leanings.put(entry, margin);
        return this;
    }

    static MarginEngine of(Map<String, Double> margins) {
        return new MarginEngine(margins, Integer.MAX_VALUE);
    }

    @Override
    public Scores score(ScoringRequest request) {
        if (request.entries().size() > mostEntries) {
            throw new EngineException(EngineException.Kind.TOO_LONG, "too long");
        }
        requests.add(request);
        double[] logs = new double[request.entries().size() + 1];
        for (int i = 0; i < logs.length - 1; i++) {
            logs[i] = margin(request, request.entries().get(i));
        }
        double[] shares = Margins.softmax(logs);
        return new Scores(
                request.way(),
                Arrays.stream(shares, 0, shares.length - 1).boxed().toList(),
                shares[shares.length - 1],
                10,
                5,
                Duration.ZERO);
    }

    private double margin(ScoringRequest request, Entry entry) {
        double leaning = leanings.getOrDefault(entry.name(), 0.0);
        if (request.context().equals(QuestionReader.NOTHING + "\n")) {
            return leaning;
        }
        Double set = margins.get(entry.name());
        int hash = (request.prefix() + request.context() + request.view() + entry.name() + entry.manual()).hashCode();
        return leaning + (set == null ? (hash % 1000) / 250.0 : set);
    }

    MarginEngine ofAnotherMaker() {
        anotherMakers = true;
        return this;
    }

    @Override
    public boolean isTheStudent() {
        return !anotherMakers;
    }

    @Override
    public boolean recalls(String stage, Entry entry) {
        return false;
    }

    @Override
    public boolean isSingleToken(String handle) {
        return false;
    }
}
