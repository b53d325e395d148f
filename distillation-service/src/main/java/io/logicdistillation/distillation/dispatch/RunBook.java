package io.logicdistillation.distillation.dispatch;

import java.util.Collection;
import java.util.List;
import java.util.Map;

/** What dispatchers know of runs and may say of them. */
interface RunBook {
    /** How far a run has come. */
    enum Phase {
        /** Nobody has claimed it, and somebody could. */
        WAITING,
        /** The worker that was started for it has it. */
        RUNNING,
        /** That worker has told how it ended, and will end itself. */
        ENDED,
        /** Nobody waits for it: cancelled, lost, another worker's, or unheard of. */
        GONE
    }

    /**
     * Runs that could be claimed now, tenants taking turns, each within its quota.
     *
     * @param gpus whether those that need a GPU are among them
     */
    List<Run> waiting(boolean gpus, int most);

    /** Each of these runs, {@link Phase#GONE} if there is no such job. */
    Map<Run.Id, Phase> phases(Collection<Run.Id> runs);

    /** Adds to the job's log; nothing if there is no such job. */
    void log(Run.Id run, List<String> lines);

    /**
     * Its worker is gone and did not say why, or never came. Counts as a try; the job is queued again or given up. Nothing happens
     * to a run that has ended, or that another worker has.
     */
    void ended(Run.Id run, String reason);
}
