package io.logicdistillation.runtime;

import java.util.Optional;

/**
 * One language that functions are written in; all that a further language has to bring. Its methods are called on worker
 * threads, several at once, and each within the bounds of one call: at the wall-clock limit the worker is interrupted,
 * upon which the method must return {@link FunctionResult.Failure#TIMEOUT} within some milliseconds.
 */
interface GuestLanguage extends AutoCloseable {

    /** The wire name, such as {@code javascript}. */
    String name();

    /** Pays once for what the first calls would otherwise pay within their limits. */
    void warmUp();

    /**
     * Brings up what calls need and no call should pay for within its limits; at once if it is up.
     *
     * @return why functions in this language can not be run on this machine; empty if they can
     */
    default Optional<FunctionResult.Failed> start() {
        return Optional.empty();
    }

    FunctionResult call(FunctionCall call);

    /** Whether the call's source would be called at once, or has to be loaded first. */
    boolean isLoaded(FunctionCall call);

    Optional<FunctionResult.Failed> check(FunctionCall call);

    @Override
    void close();
}
