package io.logicdistillation.runtime;

import io.logicdistillation.runtime.FunctionResult.Failed;
import io.logicdistillation.runtime.FunctionResult.Failure;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The runtime: a few worker threads on which guests run, a watchdog that ends them, and the languages. Guests get platform
 * threads with a large stack, so that the guest's own stack always overflows first and a caller's thread is never at risk.
 */
public final class SandboxedFunctionRuntime implements FunctionRuntime {

    private static final long WORKER_STACK_BYTES = 32L << 20;

    private final RuntimeSettings settings;
    private final Map<String, GuestLanguage> languages = new TreeMap<>();
    private final Watchdog watchdog = new Watchdog();
    private final ThreadPoolExecutor workers;

    /** A runtime with the standard settings. */
    public SandboxedFunctionRuntime() {
        this(RuntimeSettings.standard());
    }

    public SandboxedFunctionRuntime(RuntimeSettings settings) {
        this(
                settings,
                List.of(new JavaScript(settings.idleSandboxes(), settings.loadedFunctions()), new Python(settings)));
    }

    SandboxedFunctionRuntime(RuntimeSettings settings, List<GuestLanguage> spoken) {
        this.settings = settings;
        spoken.forEach(language -> languages.put(language.name(), language));
        workers = new ThreadPoolExecutor(
                settings.workers(),
                settings.workers(),
                0,
                TimeUnit.SECONDS,
                new ArrayBlockingQueue<>(settings.waiting()),
                Thread.ofPlatform()
                        .name("function-worker-", 0)
                        .daemon()
                        .stackSize(WORKER_STACK_BYTES)
                        .factory());
        // One task, so that where calls may hardly wait they are not turned away because of it.
        workers.execute(() -> languages.values().forEach(GuestLanguage::warmUp));
    }

    @Override
    public FunctionResult call(FunctionCall call) {
        return onWorker(call, language -> loadThenCall(language, call), failed -> failed);
    }

    @Override
    public Optional<Failed> check(FunctionCall call) {
        return onWorker(call, language -> load(language, call), Optional::of);
    }

    private FunctionResult loadThenCall(GuestLanguage language, FunctionCall call) {
        Optional<Failed> unloadable = language.isLoaded(call) ? Optional.empty() : load(language, call);
        return unloadable.isPresent()
                ? unloadable.get()
                : watched(call.limits().wallClock(), () -> language.call(call), failed -> failed);
    }

    /** Whoever lets a call run for longer has as much patience with its source, which loads slowly on a machine that just started. */
    private Optional<Failed> load(GuestLanguage language, FunctionCall call) {
        Duration limit =
                Collections.max(List.of(settings.longestLoad(), call.limits().wallClock()));
        return watched(limit, () -> language.check(call), Optional::of);
    }

    @Override
    public void close() {
        for (Runnable waiting : workers.shutdownNow()) {
            if (waiting instanceof Future<?> call) {
                call.cancel(true);
            }
        }
        watchdog.close();
        languages.values().forEach(GuestLanguage::close);
    }

    private <T> T onWorker(FunctionCall call, Function<GuestLanguage, T> work, Function<Failed, T> failure) {
        GuestLanguage language = languages.get(call.language());
        if (language == null) {
            return failure.apply(new Failed(
                    Failure.INVALID_SOURCE,
                    "the language " + call.language() + " is not one of " + String.join(", ", languages.keySet())));
        }
        long submitted = System.nanoTime();
        Future<T> future;
        try {
            future = workers.submit(
                    () -> System.nanoTime() - submitted > settings.longestWait().toNanos()
                            ? failure.apply(new Failed(Failure.OVERLOADED, "no worker was free for too long"))
                            : language.start().map(failure).orElseGet(() -> work.apply(language)));
        } catch (RejectedExecutionException full) {
            if (workers.isShutdown()) {
                throw new IllegalStateException("the function runtime is closed", full);
            }
            return failure.apply(new Failed(Failure.OVERLOADED, "too many calls are waiting for a worker"));
        }
        return await(future, failure);
    }

    private interface Work<T> {
        T get();
    }

    private <T> T watched(Duration limit, Work<T> work, Function<Failed, T> failure) {
        Watchdog.Watch watch = watchdog.start(limit);
        boolean ended = false;
        try {
            T result = work.get();
            boolean late = watch.end();
            ended = true;
            if (failureOf(result) != Failure.TIMEOUT) {
                return result;
            }
            return failure.apply(
                    late
                            ? new Failed(Failure.TIMEOUT, "was still running after " + limit.toMillis() + " ms")
                            : new Failed(Failure.CRASHED, "the runtime was closed"));
        } finally {
            if (!ended) {
                watch.end();
            }
        }
    }

    private static @Nullable Failure failureOf(@Nullable Object result) {
        Object inner = result instanceof Optional<?> optional ? optional.orElse(null) : result;
        return inner instanceof Failed failed ? failed.kind() : null;
    }

    private static <T> T await(Future<T> future, Function<Failed, T> failure) {
        try {
            return future.get();
        } catch (InterruptedException interrupted) {
            future.cancel(true);
            Thread.currentThread().interrupt();
            return failure.apply(new Failed(Failure.CRASHED, "the caller was interrupted"));
        } catch (CancellationException cancelled) {
            return failure.apply(new Failed(Failure.CRASHED, "the runtime was closed"));
        } catch (ExecutionException failed) {
            if (failed.getCause() instanceof IllegalArgumentException callersMistake) {
                throw callersMistake;
            }
            return failure.apply(new Failed(Failure.CRASHED, "the sandbox failed: " + failed.getCause()));
        }
    }
}
