package io.logicdistillation.inference.replays;

import io.logicdistillation.contracts.Names;
import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.contracts.ProblemType;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What would have come out had another function been chosen at one stage.
 *
 * @param instead the function that was chosen
 * @param probability that the function had; absent if no model was asked or it was no candidate
 * @param same whether the decision's output would have been the same
 * @param output of the last stage; absent if a function failed
 * @param cause why it failed; absent if nothing did
 * @param stages what ran: the stage in question and those after it
 */
record Counterfactual(
        String stage,
        String function,
        String instead,
        @Nullable Double probability,
        boolean same,
        @Nullable Object output,
        @Nullable String cause,
        List<Stage> stages) {
    /**
     * @param sameView whether the student would have read the same words here; if not, it might have chosen another function
     *     than the recorded one, which is what ran
     */
    record Stage(
            String stage,
            String function,
            boolean sameView,
            @Nullable Object output) {}

    /**
     * @param stage the only stage to ask about; all when absent
     * @param function the function to run there, a candidate or not; the runners-up when absent
     * @param runnersUp how many of them per stage, the most probable first; 2 when absent
     */
    record Request(
            @Nullable String stage,
            @Nullable String function,
            @Nullable Integer runnersUp) {
        private static final int MOST = 8;

        Request {
            if (function != null && stage == null) {
                throw new PlatformException(ProblemType.INVALID_REQUEST, "function needs the stage that it is for");
            }
            if (stage != null) {
                Names.requireName("stage", stage);
            }
            if (runnersUp != null && (runnersUp < 1 || runnersUp > MOST)) {
                throw new PlatformException(ProblemType.INVALID_REQUEST, "runnersUp must lie between 1 and " + MOST);
            }
        }

        static Request everything() {
            return new Request(null, null, null);
        }

        int atMost() {
            return runnersUp == null ? 2 : runnersUp;
        }
    }

    /**
     * @param output what was decided
     * @param counterfactuals by stage, then by falling probability
     */
    record Report(String decision, String snapshot, Object output, List<Counterfactual> counterfactuals) {}
}
