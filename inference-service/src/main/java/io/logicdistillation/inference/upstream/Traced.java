package io.logicdistillation.inference.upstream;

import io.logicdistillation.kit.TenantLogFilter;
import io.micrometer.context.ContextExecutorService;
import io.micrometer.context.ContextRegistry;
import io.micrometer.context.ContextSnapshotFactory;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.slf4j.MDC;

/** Work of a request on other threads, which goes on with the request's trace and, in the log, its tenant. */
public final class Traced {
    private static final ContextRegistry CONTEXT = ContextRegistry.getInstance()
            .registerThreadLocalAccessor(
                    TenantLogFilter.TENANT,
                    () -> MDC.get(TenantLogFilter.TENANT),
                    tenant -> MDC.put(TenantLogFilter.TENANT, tenant),
                    () -> MDC.remove(TenantLogFilter.TENANT));

    private Traced() {}

    /** A virtual thread per task, each with the trace and the tenant of the thread that handed it in. */
    public static ExecutorService virtualThreads() {
        return ContextExecutorService.wrap(
                Executors.newVirtualThreadPerTaskExecutor(),
                ContextSnapshotFactory.builder().contextRegistry(CONTEXT).build());
    }
}
