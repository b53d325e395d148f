package io.logicdistillation.runtime;

import java.util.List;
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
     * Calls a function, and again with the next limits while it runs out of time: on a machine that is busy or has just started what
     * is fast enough shall not fail, and what loops is dead after the last try.
     *
     * @param tries the limits of each, of which a later one should allow more time; not empty
     * @return what the last try gave
     */
    default FunctionResult call(FunctionCall call, List<Limits> tries) {
        FunctionResult result = call(call.withLimits(tries.getFirst()));
        boolean late =
                result instanceof FunctionResult.Failed failed && failed.kind() == FunctionResult.Failure.TIMEOUT;
        return late && tries.size() > 1 ? call(call, tries.subList(1, tries.size())) : result;
    }

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
