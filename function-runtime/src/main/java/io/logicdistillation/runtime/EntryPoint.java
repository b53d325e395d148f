package io.logicdistillation.runtime;

/** The top-level function of a source that a call starts. */
public enum EntryPoint {
    /** {@code run(state, earlier)}: decides. */
    RUN("run"),
    /** {@code view(state, earlier)}: renders a state into words. */
    VIEW("view");

    private final String functionName;

    EntryPoint(String functionName) {
        this.functionName = functionName;
    }

    /** The name under which the source declares it. */
    public String functionName() {
        return functionName;
    }
}
