package io.logicdistillation.runtime;

import java.util.Optional;
import java.util.function.Consumer;

/** Tells of every call and check that failed, and why; otherwise the runtime behind it. */
public final class ObservedRuntime implements FunctionRuntime {
    private final FunctionRuntime runtime;
    private final Consumer<FunctionResult.Failure> failures;

    /**
     * @param runtime closed with this one
     * @param failures called on the caller's thread, by many at once
     */
    public ObservedRuntime(FunctionRuntime runtime, Consumer<FunctionResult.Failure> failures) {
        this.runtime = runtime;
        this.failures = failures;
    }

    @Override
    public FunctionResult call(FunctionCall call) {
        FunctionResult result = runtime.call(call);
        if (result instanceof FunctionResult.Failed failed) {
            failures.accept(failed.kind());
        }
        return result;
    }

    @Override
    public Optional<FunctionResult.Failed> check(FunctionCall call) {
        Optional<FunctionResult.Failed> failed = runtime.check(call);
        failed.ifPresent(found -> failures.accept(found.kind()));
        return failed;
    }

    @Override
    public void close() {
        runtime.close();
    }
}
