package io.logicdistillation.inference.decisions;

import io.logicdistillation.contracts.Decision;
import io.logicdistillation.inference.engine.Way;
import io.logicdistillation.inference.functionbase.Candidate;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a stage may run, the preferred function first.
 *
 * @param ranked never empty
 * @param none probability that nothing fits; absent when no model was asked
 * @param way by which the first was judged; absent when no model was asked
 * @param engine that judged the first; absent when no model was asked
 * @param ways by which any of them was judged
 * @param imposed by the caller: nothing but the first may run
 */
record Choice(
        List<Ranked> ranked,
        @Nullable Double none,
        Decision.@Nullable Way way,
        @Nullable String engine,
        Set<Way> ways,
        boolean imposed) {
    /** @param probability absent when no model was asked */
    record Ranked(Candidate candidate, @Nullable Double probability) {
        String name() {
            return candidate.function().name();
        }

        Decision.Candidate wire() {
            return new Decision.Candidate(
                    name(),
                    candidate.function().version(),
                    candidate.function().handle(),
                    probability,
                    candidate.origin());
        }
    }
}
