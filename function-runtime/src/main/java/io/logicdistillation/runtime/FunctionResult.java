package io.logicdistillation.runtime;

import java.time.Duration;
import java.util.Locale;

/** How a call ended. Whatever a guest does ends as one of these; only a caller's own mistake is an exception. */
public sealed interface FunctionResult {

    /**
     * The function returned.
     *
     * @param json what it returned, as JSON text
     * @param took time on the worker, boundaries included and waiting for a worker excluded
     */
    record Returned(String json, Duration took) implements FunctionResult {}

    /**
     * The function did not return anything of use.
     *
     * @param message one sentence fit for the function's author; may hold text written by the guest
     */
    record Failed(Failure kind, String message) implements FunctionResult {}

    /** Why a call failed. */
    enum Failure {
        /** Stopped at the wall-clock limit. */
        TIMEOUT,
        /** Asked for more memory than its limit. */
        OUT_OF_MEMORY,
        /** Returned more text than its limit. */
        OUTPUT_TOO_LARGE,
        /** Threw, or recursed too deeply. */
        THREW,
        /** Does not parse, fails while loading, lacks the entry point, or is in a language that nobody here speaks. */
        INVALID_SOURCE,
        /** Is in a language that this machine lacks the means for; an operator can help. */
        UNAVAILABLE,
        /** Returned something that is not JSON, such as {@code undefined} or a promise. */
        INVALID_OUTPUT,
        /** The sandbox itself gave up; it has been replaced. */
        CRASHED,
        /** Never started: every worker was busy for too long. Worth another try later. */
        OVERLOADED;

        /** As metrics and answers name it. */
        public String slug() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }
}
