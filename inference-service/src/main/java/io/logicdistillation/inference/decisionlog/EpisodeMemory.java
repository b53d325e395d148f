package io.logicdistillation.inference.decisionlog;

import io.logicdistillation.contracts.Decision;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;

/** What is remembered of decisions: their outputs by stage, and which step of the episode each was. */
final class EpisodeMemory {
    /** Of the outputs together, as JSON: each decision carries them, and each call of a function is handed them. The oldest steps leave first. */
    static final int MOST_BYTES = 64 << 10;

    private static final JsonMapper JSON = JsonMapper.shared();

    private EpisodeMemory() {}

    /** @param last decisions of an episode, oldest first */
    static Decision.Memory of(List<Decision> last) {
        Deque<Decision.Remembered> steps = new ArrayDeque<>();
        int highest = 0;
        for (Decision decision : last) {
            // One from before the task had a memory has no number; it is counted from what is left of the episode.
            Decision.Memory its = decision.memory();
            int step = its == null ? highest + 1 : its.step();
            highest = Math.max(highest, step);
            steps.addLast(new Decision.Remembered(step, decision.id(), outputs(decision)));
        }
        int bytes = steps.stream().mapToInt(EpisodeMemory::bytes).sum();
        while (bytes > MOST_BYTES) {
            bytes -= bytes(steps.removeFirst());
        }
        return new Decision.Memory(highest + 1, List.copyOf(steps));
    }

    private static Map<String, Object> outputs(Decision decision) {
        Map<String, Object> outputs = new LinkedHashMap<>();
        decision.stages().forEach(stage -> outputs.put(stage.stage(), stage.output()));
        return outputs;
    }

    private static int bytes(Decision.Remembered step) {
        return JSON.writeValueAsString(step.outputs()).getBytes(StandardCharsets.UTF_8).length;
    }
}
