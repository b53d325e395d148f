package io.logicdistillation.functionbase.emergency;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What would change if the function were always chosen where it applies. Which function a student would choose is not known here.
 *
 * @param logged over the last logged decisions
 * @param generated over states made from the task's schema
 */
record Preview(String task, String stage, String function, Logged logged, Generated generated, String note) {
    static final String NOTE =
            "Assumes that the function is chosen wherever it applies, and shows its own stage's output: "
                    + "the student's choice is made by the inference service alone, and later stages may answer otherwise too";

    /**
     * @param unavailable why the log could not be read; then the counts are zero
     * @param failed decisions on which the condition or the function failed
     */
    record Logged(
            int considered,
            int applies,
            int changed,
            int failed,
            List<Change> changes,
            @Nullable String unavailable) {}

    /** @param from the stage's logged output @param to what the function gives */
    record Change(String decision, Instant decidedAt, String chosen, Object from, Object to) {}

    /** @param found of those asked for, states that could be made in the time allowed */
    record Generated(long seed, int found, int applies, int failed, List<Example> examples) {}

    /** @param sameAs functions of the stage that give this output already */
    record Example(Map<String, Object> state, Map<String, Object> earlier, Object output, List<String> sameAs) {}
}
