package io.logicdistillation.benchmarks;

import io.logicdistillation.inference.engine.Entry;
import io.logicdistillation.inference.engine.Scores;
import io.logicdistillation.inference.engine.ScoringRequest;
import io.logicdistillation.inference.engine.StudentEngine;
import io.logicdistillation.inference.engine.Way;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** How often two engines choose alike on states of real pursuit episodes. */
final class Agreement {
    private Agreement() {}

    /** The first {@code count} states, stages in turn. */
    static List<ScoringRequest> requests(int count, Way way) throws IOException {
        JsonNode file;
        try (InputStream in = Objects.requireNonNull(Agreement.class.getResourceAsStream("pursuit-states.json"))) {
            file = JsonMapper.shared().readTree(in);
        }
        List<ScoringRequest> requests = new ArrayList<>();
        for (int i = 0; requests.size() < count; i++) {
            int before = requests.size();
            for (JsonNode stage : file.get("stages")) {
                if (i < stage.get("states").size() && requests.size() < count) {
                    requests.add(request(stage, stage.get("states").get(i), way));
                }
            }
            if (requests.size() == before) {
                break;
            }
        }
        return requests;
    }

    private static ScoringRequest request(JsonNode stage, JsonNode state, Way way) {
        Map<String, Entry> entries = new HashMap<>();
        for (JsonNode entry : stage.get("entries")) {
            String handle = entry.get("handle").asString();
            entries.put(
                    handle,
                    new Entry(
                            entry.get("name").asString(),
                            handle,
                            entry.get("manual").asString()));
        }
        List<Entry> candidates = new ArrayList<>();
        for (JsonNode handle : state.get("candidates")) {
            candidates.add(Objects.requireNonNull(entries.get(handle.asString())));
        }
        return new ScoringRequest(
                stage.get("name").asString(),
                stage.get("prefix").asString(),
                state.get("view").asString(),
                candidates,
                way);
    }

    /** Choices: the index of the most probable candidate, or the number of candidates for "none". */
    static int[] choices(StudentEngine engine, List<ScoringRequest> requests) {
        int[] choices = new int[requests.size()];
        for (int i = 0; i < choices.length; i++) {
            Scores scores = engine.score(requests.get(i));
            int best = scores.probabilities().size();
            double largest = scores.none();
            for (int k = 0; k < scores.probabilities().size(); k++) {
                if (scores.probabilities().get(k) > largest) {
                    largest = scores.probabilities().get(k);
                    best = k;
                }
            }
            choices[i] = best;
        }
        return choices;
    }

    static double share(int[] some, int[] others) {
        int same = 0;
        for (int i = 0; i < some.length; i++) {
            same += some[i] == others[i] ? 1 : 0;
        }
        return (double) same / some.length;
    }
}
