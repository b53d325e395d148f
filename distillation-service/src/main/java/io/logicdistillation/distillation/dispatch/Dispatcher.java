package io.logicdistillation.distillation.dispatch;

/**
 * Brings workers to jobs that wait. It never gives a job to anyone: workers claim, whoever started them, so that a dispatcher
 * that crashes, runs twice or counts wrongly costs at most idle workers.
 */
interface Dispatcher {
    /**
     * Called every few seconds, by one thread.
     *
     * @param waiting how many jobs could be claimed now
     */
    void dispatch(int waiting);
}
