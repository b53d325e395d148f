package io.logicdistillation.inference.replays;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What came out when a decision's recorded choices ran again, on its recorded state and from its own snapshot.
 *
 * @param same whether every view and every output is as recorded
 * @param output of the last stage; absent if a function failed this time
 * @param redacted pointers to what the log never held; where it says something the replay can not be exact, and a difference may
 *     be the redaction's doing
 */
record Replay(
        String decision,
        String snapshot,
        boolean same,
        @Nullable Object output,
        @Nullable List<String> redacted,
        List<Stage> stages) {
    /**
     * @param cause what differs from the record, or why the function failed; absent if nothing does
     * @param recorded the output in the log
     * @param replayed the output of now
     */
    record Stage(
            String stage,
            String function,
            boolean same,
            @Nullable String cause,
            Object recorded,
            @Nullable Object replayed) {}
}
