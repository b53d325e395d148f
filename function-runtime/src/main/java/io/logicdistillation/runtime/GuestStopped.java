package io.logicdistillation.runtime;

/** Unwinds a guest that has said all that the host wants to hear. Carries its outcome, and no stack trace. */
final class GuestStopped extends RuntimeException {

    private static final long serialVersionUID = 1;

    private final transient FunctionResult result;

    GuestStopped(FunctionResult result) {
        super(null, null, false, false);
        this.result = result;
    }

    FunctionResult result() {
        return result;
    }
}
