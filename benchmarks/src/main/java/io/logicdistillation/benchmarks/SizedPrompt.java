package io.logicdistillation.benchmarks;

import io.logicdistillation.inference.engine.Entry;
import io.logicdistillation.inference.engine.Scores;
import io.logicdistillation.inference.engine.ScoringRequest;
import io.logicdistillation.inference.engine.StudentEngine;
import io.logicdistillation.inference.engine.Way;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/** Requests of an exact number of tokens, with another state, and if wanted other candidates, on every call. */
final class SizedPrompt {
    /** Each is one token. */
    private static final List<String> HANDLES = List.of(
            "cut", "hold", "exit", "row", "column", "wait", "swap", "push", "trap", "guard", "near", "far", "left",
            "right", "up", "down", "help", "last", "team", "round", "open", "close", "start", "stop", "turn", "move",
            "pass", "keep", "take", "give", "find", "look", "call", "send", "read", "write", "build", "break", "fill",
            "drop", "lift", "pull", "join", "split", "lead", "follow", "meet", "leave", "enter", "cross", "climb",
            "jump", "run", "walk", "sit", "stand", "rest", "work", "play", "win");

    private final StudentEngine engine;
    private final Way way;
    private final Random random = new Random(11);
    private final int entryTokens;
    private String prefix = "";
    private int viewWords;

    SizedPrompt(StudentEngine engine, Way way, int entryTokens) {
        this.engine = engine;
        this.way = way;
        this.entryTokens = entryTokens;
    }

    /** Fixes prefix and view so that a call with {@code k} candidates has these many cached and new tokens. */
    SizedPrompt size(int k, int cached, int fresh) {
        prefix = "Rules:" + " go".repeat(8);
        viewWords = 4;
        for (int attempt = 0; attempt < 4; attempt++) {
            Scores scores = engine.score(request(entries(0, k)));
            prefix += " go".repeat(Math.max(0, cached - scores.cachedTokens()));
            viewWords += fresh - scores.newTokens();
        }
        Scores scores = engine.score(request(entries(0, k)));
        if (scores.cachedTokens() != cached || scores.newTokens() != fresh) {
            throw new IllegalStateException("wanted %d new over %d cached, got %d over %d"
                    .formatted(fresh, cached, scores.newTokens(), scores.cachedTokens()));
        }
        return this;
    }

    /** The same candidates, another state. */
    ScoringRequest next(int k) {
        return request(entries(0, k));
    }

    /** Another state, and candidates drawn afresh out of sixty. */
    ScoringRequest nextWithOtherCandidates(int k) {
        List<Entry> all = new ArrayList<>(entries(0, HANDLES.size()));
        Collections.shuffle(all, random);
        return request(all.subList(0, k));
    }

    private ScoringRequest request(List<Entry> entries) {
        StringBuilder view = new StringBuilder("Now");
        for (int i = 0; i < viewWords; i++) {
            view.append((char) ('0' + random.nextInt(10)));
        }
        return new ScoringRequest("any", prefix, view.toString(), entries, way);
    }

    private List<Entry> entries(int from, int count) {
        // "- handle:" and the line's end are four tokens, every further word is one.
        return HANDLES.subList(from, from + count).stream()
                .map(handle -> new Entry(
                        handle,
                        handle,
                        ("go " + "now ".repeat(entryTokens))
                                .strip()
                                .substring(0, "go".length() + " now".length() * (entryTokens - 5))))
                .toList();
    }
}
