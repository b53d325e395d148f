package io.logicdistillation.distillation.dispatch;

/**
 * Brings workers to jobs that wait. It never gives a job to anyone: workers claim, whoever started them, so that a dispatcher
 * that crashes, runs twice or counts wrongly costs at most idle workers.
 */
interface Dispatcher extends AutoCloseable {
    /** Called every few seconds, by one thread. Whatever is out of reach is tried again the next time. */
    void dispatch(RunBook runs);

    @Override
    default void close() {}
}
