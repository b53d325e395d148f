package io.logicdistillation.runtime;

import java.time.Duration;

/**
 * How much a runtime may keep.
 *
 * @param workers guests that run at once
 * @param waiting calls that may wait for a worker before further ones are turned away
 * @param longestWait how long a call may wait for a worker before it is turned away
 * @param longestLoad how long the first evaluation of a source may take, if its call may not run for longer; apart from a call's
 *     own limit, because it happens once and on a virtual machine that may have just started
 * @param idleSandboxes sandboxes kept for the next call of the same tenant, about 1.5 MB each, and as many processes for Python kept
 *     for the next call of the same function, about 3 MB each and what their functions left unused
 * @param loadedFunctions sources kept loaded, one to two hundred kilobytes each in JavaScript; fewer where they would take more than a
 *     sixth of the heap
 * @param python path of the interpreter for Python functions; empty to look for one in the usual places and on the path
 * @param niceness by how much processes of Python functions give way to others, 0 to 19, in the sense of nice(2), and by how
 *     much their session does where sessions share processors (sched(7), autogroup). It can not be taken back, and wall-clock limits
 *     stay: for callers that wait for nobody and have limits to spare
 */
public record RuntimeSettings(
        int workers,
        int waiting,
        Duration longestWait,
        Duration longestLoad,
        int idleSandboxes,
        int loadedFunctions,
        String python,
        int niceness) {

    private static final int LOWEST = 19;

    public RuntimeSettings {
        if (workers < 1 || waiting < 1 || idleSandboxes < 0 || loadedFunctions < 1) {
            throw new IllegalArgumentException("workers, waiting and loadedFunctions must be at least 1");
        }
        if (!longestWait.isPositive() || !longestLoad.isPositive()) {
            throw new IllegalArgumentException("longestWait and longestLoad must be positive");
        }
        if (niceness < 0 || niceness > LOWEST) {
            throw new IllegalArgumentException("niceness must be 0 to " + LOWEST);
        }
    }

    /** Two workers or one per processor, 256 waiting for at most 5 s, 5 s to load, 16 idle sandboxes, 1,000 loaded functions. */
    public static RuntimeSettings standard() {
        return new RuntimeSettings(
                Math.max(2, Runtime.getRuntime().availableProcessors()),
                256,
                Duration.ofSeconds(5),
                Duration.ofSeconds(5),
                16,
                1_000,
                "",
                0);
    }

    public RuntimeSettings withPython(String changed) {
        return new RuntimeSettings(
                workers, waiting, longestWait, longestLoad, idleSandboxes, loadedFunctions, changed, niceness);
    }

    public RuntimeSettings withNiceness(int changed) {
        return new RuntimeSettings(
                workers, waiting, longestWait, longestLoad, idleSandboxes, loadedFunctions, python, changed);
    }

    /** Processes for Python made ahead, some 3 MB each: so many that workers seldom wait for one another's. */
    int idleProcesses() {
        return workers + 2;
    }
}
