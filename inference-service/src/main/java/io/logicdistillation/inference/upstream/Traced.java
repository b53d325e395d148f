package io.logicdistillation.inference.upstream;

import io.micrometer.context.ContextExecutorService;
import io.micrometer.context.ContextSnapshotFactory;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Work of a request on other threads, which goes on with the request's trace. */
public final class Traced {
    private Traced() {}

    /** A virtual thread per task, each with the trace of the thread that handed it in. */
    public static ExecutorService virtualThreads() {
        return ContextExecutorService.wrap(
                Executors.newVirtualThreadPerTaskExecutor(),
                ContextSnapshotFactory.builder().build());
    }
}
