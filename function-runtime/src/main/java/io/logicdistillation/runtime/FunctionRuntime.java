package io.logicdistillation.runtime;

import java.util.Optional;

/**
 * Runs untrusted functions. A call sees its source, its arguments and nothing else: no clock, randomness, files, network,
 * threads, and no trace of any other call, so the same call gives the same result again.
 *
 * <p>Safe for any number of threads, virtual ones included; guests run on the runtime's own threads.
 */
public interface FunctionRuntime extends AutoCloseable {

    /**
     * Calls a function and waits for its end.
     *
     * @throws IllegalArgumentException if the arguments are not a JSON array
     * @throws IllegalStateException if the runtime is closed
     */
    FunctionResult call(FunctionCall call);

    /**
     * Loads a source as {@link #call} would, without calling its entry point.
     *
     * @return why the source cannot be called; empty if it can
     */
    Optional<FunctionResult.Failed> check(FunctionCall call);

    /** Stops every guest; calls in progress fail. */
    @Override
    void close();
}
