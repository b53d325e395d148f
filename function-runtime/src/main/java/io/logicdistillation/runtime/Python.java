package io.logicdistillation.runtime;

import io.logicdistillation.runtime.FunctionResult.Failed;
import io.logicdistillation.runtime.FunctionResult.Failure;
import io.logicdistillation.runtime.FunctionResult.Returned;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Python by CPython, in a locked-down process that is forked for a call and ended after it, so no call sees what another left
 * behind. A source whose calls can leave nothing behind keeps its process, for the same tenant, source and memory limit. A source is
 * compiled once; its top level runs in every call. See {@code RATIONALE.md}.
 */
final class Python implements GuestLanguage {

    /** What an operator is told beside the reason. */
    private static final String REMEDY =
            "; install python3 (3.10 or newer) where functions run, or name it by the setting PLATFORM_PYTHON";

    /** Takes whatever arguments there are. */
    private static final String TAKES_ANYTHING = "def run(*given): return 1";

    private static final Duration BEFORE_LOOKING_AGAIN = Duration.ofSeconds(30);
    private static final int LONGEST_MESSAGE = 500;
    private static final int LONGEST_CODE = 16 << 20;
    private static final int SIGSYS = 31;
    private static final int SIGXCPU = 24;
    private static final long ENDING_MILLIS = 200;
    /** What the language itself keeps, such as texts that it has seen before, stays small. */
    private static final int MOST_CALLS = 1_000;

    /**
     * A source that has been compiled and whose top level has been run once.
     *
     * @param stateless whether a process may call it again
     */
    record CompiledFunction(byte[] code, boolean stateless, Set<EntryPoint> entryPoints) {
        CompiledFunction {
            entryPoints = Set.copyOf(entryPoints);
        }
    }

    /** Whom a process that has served a call may serve again. */
    private record Owner(String tenant, String source, long heapBytes) {
        static Owner of(FunctionCall call) {
            return new Owner(call.tenant(), call.source(), call.limits().heapBytes());
        }
    }

    /** @param from who made it and ends it */
    private record UsedProcess(PythonProcess process, PythonProcesses from) {
        void end() {
            from.end(process);
        }
    }

    private final RuntimeSettings settings;
    private final boolean unlocked;
    private final LoadedFunctions<CompiledFunction> compiled;
    private final IdlePool<Owner, UsedProcess> used;
    private @Nullable PythonProcesses processes;
    private PythonInterpreter.@Nullable Missing missing;
    private long lookedNanos;
    private boolean closed;

    Python(RuntimeSettings settings) {
        this(settings, false);
    }

    /** @param unlocked for the test that shows that the hostile programs do harm where nothing holds them */
    Python(RuntimeSettings settings, boolean unlocked) {
        this.settings = settings;
        this.unlocked = unlocked;
        compiled = new LoadedFunctions<>(settings.loadedFunctions(), function -> function.code().length);
        used = new IdlePool<>(settings.idleSandboxes(), UsedProcess::end);
    }

    @Override
    public String name() {
        return "python";
    }

    /** Nothing: a service that has no Python function should not pay for an interpreter. */
    @Override
    public void warmUp() {}

    @Override
    public Optional<Failed> start() {
        try {
            running();
            return Optional.empty();
        } catch (PythonInterpreter.Missing missing) {
            return Optional.of(new Failed(
                    Failure.UNAVAILABLE, "Python functions can not be run here: " + missing.getMessage() + REMEDY));
        }
    }

    /** The processes; started if they are not, or no longer. */
    private synchronized PythonProcesses running() throws PythonInterpreter.Missing {
        if (processes == null || processes.isGone()) {
            if (closed) {
                throw new PythonInterpreter.Missing("the runtime is closed");
            }
            if (missing != null && System.nanoTime() - lookedNanos < BEFORE_LOOKING_AGAIN.toNanos()) {
                throw missing;
            }
            if (processes != null) {
                processes.close();
                processes = null;
            }
            processes = started();
        }
        return processes;
    }

    private PythonProcesses started() throws PythonInterpreter.Missing {
        try {
            Path found = PythonInterpreter.find(settings.python());
            PythonTemplate.Guests guests = new PythonTemplate.Guests(settings.niceness(), unlocked);
            PythonProcesses started = new PythonProcesses(found, guests, settings.idleProcesses());
            started.fill("", Limits.standard().heapBytes());
            missing = null;
            return started;
        } catch (PythonInterpreter.Missing why) {
            missing = why;
            lookedNanos = System.nanoTime();
            throw why;
        }
    }

    @Override
    public boolean isLoaded(FunctionCall call) {
        return compiled.get(call) != null;
    }

    @Override
    public Optional<Failed> check(FunctionCall call) {
        CompiledFunction function = compiled.get(call);
        if (function != null) {
            return missing(function, call.entryPoint());
        }
        FunctionResult result = withProcess(call, process -> load(call, process), false);
        return result instanceof Failed failed ? Optional.of(failed) : Optional.empty();
    }

    @Override
    public FunctionResult call(FunctionCall call) {
        try {
            return called(call);
        } catch (GuestExchange.InvalidArguments said) {
            if (call.source().equals(TAKES_ANYTHING)) {
                throw said;
            }
            // A function that broke out can say so of any arguments; one that is ours says what is true.
            called(new FunctionCall(
                    call.tenant(), name(), TAKES_ANYTHING, EntryPoint.RUN, call.argumentsJson(), call.limits()));
            return new Failed(Failure.INVALID_OUTPUT, "ended without a result");
        }
    }

    private FunctionResult called(FunctionCall call) {
        long start = System.nanoTime();
        Optional<Failed> unloadable = check(call);
        CompiledFunction function = compiled.get(call);
        if (unloadable.isPresent() || function == null) {
            // Put out by others between the two lines.
            return unloadable.orElseGet(() -> new Failed(Failure.OVERLOADED, "too many functions are called at once"));
        }
        byte[] arguments = call.argumentsJson().getBytes(StandardCharsets.UTF_8);
        Use use = process -> {
            process.call(function.code(), call.entryPoint(), arguments);
            return told(process.hear(Math.max(call.limits().outputBytes(), LONGEST_MESSAGE * 4)), call.limits(), start);
        };
        return function.stateless()
                ? calledAgain(call, use).orElseGet(() -> withProcess(call, use, true))
                : withProcess(call, use, false);
    }

    /**
     * Asks a process that has served the function before.
     *
     * @return empty if there is none, or if what came of it may come from what the process has seen: the end of its memory, or its own
     */
    private Optional<FunctionResult> calledAgain(FunctionCall call, Use use) {
        UsedProcess idle = used.take(Owner.of(call));
        if (idle == null) {
            return Optional.empty();
        }
        FunctionResult result = null;
        try {
            result = use.of(idle.process());
        } catch (ClosedByInterruptException atTheLimit) {
            result = timeout();
        } catch (IOException ended) {
            // asked anew
        } finally {
            endOrKeep(call, idle, result instanceof Returned);
        }
        return result instanceof Failed failed && failed.kind() == Failure.OUT_OF_MEMORY
                ? Optional.empty()
                : Optional.ofNullable(result);
    }

    private void endOrKeep(FunctionCall call, UsedProcess process, boolean mayServeAgain) {
        if (mayServeAgain && process.process().calls() < MOST_CALLS) {
            used.giveBack(Owner.of(call), process);
        } else {
            process.end();
        }
    }

    @Override
    public void close() {
        synchronized (this) {
            closed = true;
            if (processes != null) {
                processes.close();
            }
        }
        compiled.clear();
        used.clear();
    }

    private interface Use {
        FunctionResult of(PythonProcess process) throws IOException;
    }

    private FunctionResult withProcess(FunctionCall call, Use use, boolean mayServeAgain) {
        PythonProcesses from;
        PythonProcess process;
        try {
            from = running();
            process = from.take(call.tenant(), call.limits().heapBytes());
        } catch (InterruptedException atTheLimit) {
            return timeout();
        } catch (IOException | PythonInterpreter.Missing failure) {
            return new Failed(Failure.CRASHED, "the sandbox failed: " + failure.getMessage());
        }
        FunctionResult result = null;
        try {
            result = use.of(process);
        } catch (ClosedByInterruptException atTheLimit) {
            result = timeout();
        } catch (IOException ended) {
            result = ended(process, call.limits());
        } finally {
            endOrKeep(call, new UsedProcess(process, from), mayServeAgain && result instanceof Returned);
            from.fill(call.tenant(), call.limits().heapBytes());
        }
        return result;
    }

    private static Failed timeout() {
        return new Failed(Failure.TIMEOUT, "was still running at its limit");
    }

    private FunctionResult load(FunctionCall call, PythonProcess process) throws IOException {
        process.load(call.source().getBytes(StandardCharsets.UTF_8));
        // Said before the source's first line is run, so it is the compiler's word.
        PythonProcess.Heard code = process.hear(LONGEST_CODE);
        boolean stateless = code.said() == PythonProcess.Said.COMPILED_STATELESS;
        if (!stateless && code.said() != PythonProcess.Said.COMPILED) {
            // the compiler's refusal
            return told(code, call.limits(), 0);
        }
        if (code.data().length != code.bytes()) {
            return new Failed(Failure.INVALID_SOURCE, "the source is too large");
        }
        PythonProcess.Heard loaded = process.hear(LONGEST_MESSAGE * 4);
        switch (loaded.said()) {
            case LOADED -> {}
            case INVALID_SOURCE, OUT_OF_MEMORY -> {
                return told(loaded, call.limits(), 0);
            }
            case COMPILED, COMPILED_STATELESS, RETURNED, THREW, INVALID_OUTPUT, INVALID_ARGUMENTS -> {
                return new Failed(Failure.INVALID_SOURCE, "speaks to the host while it is loaded");
            }
        }
        CompiledFunction function = new CompiledFunction(code.data(), stateless, entryPoints(loaded.text()));
        compiled.put(call, function);
        return missing(function, call.entryPoint())
                .<FunctionResult>map(failed -> failed)
                .orElseGet(() -> new Returned("null", Duration.ZERO));
    }

    private static Set<EntryPoint> entryPoints(String said) {
        Set<String> names = Set.of(said.strip().split(" "));
        return Arrays.stream(EntryPoint.values())
                .filter(entryPoint -> names.contains(entryPoint.functionName()))
                .collect(Collectors.toUnmodifiableSet());
    }

    private static Optional<Failed> missing(CompiledFunction function, EntryPoint entryPoint) {
        return function.entryPoints().contains(entryPoint)
                ? Optional.empty()
                : Optional.of(new Failed(
                        Failure.INVALID_SOURCE, "the source has no top-level function " + entryPoint.functionName()));
    }

    private static FunctionResult told(PythonProcess.Heard heard, Limits limits, long startNanos) {
        return switch (heard.said()) {
            case RETURNED ->
                heard.bytes() > limits.outputBytes()
                        ? new Failed(
                                Failure.OUTPUT_TOO_LARGE,
                                "returned %d bytes, allowed are %d".formatted(heard.bytes(), limits.outputBytes()))
                        : new Returned(heard.text(), Duration.ofNanos(System.nanoTime() - startNanos));
            case THREW -> failed(Failure.THREW, heard);
            case INVALID_SOURCE -> failed(Failure.INVALID_SOURCE, heard);
            case INVALID_OUTPUT -> failed(Failure.INVALID_OUTPUT, heard);
            case OUT_OF_MEMORY -> outOfMemory(limits);
            case INVALID_ARGUMENTS -> throw new GuestExchange.InvalidArguments();
            case COMPILED, COMPILED_STATELESS, LOADED -> new Failed(Failure.INVALID_OUTPUT, "ended without a result");
        };
    }

    private static Failed failed(Failure kind, PythonProcess.Heard heard) {
        String message = heard.text();
        return new Failed(kind, message.substring(0, Math.min(message.length(), LONGEST_MESSAGE)));
    }

    private static Failed outOfMemory(Limits limits) {
        return new Failed(Failure.OUT_OF_MEMORY, "needed more than " + limits.heapBytes() + " bytes of memory");
    }

    /** What became of a process that said nothing more. */
    private static Failed ended(PythonProcess process, Limits limits) {
        PythonProcess.Ending ending;
        try {
            ending = process.ending().get(ENDING_MILLIS, TimeUnit.MILLISECONDS);
        } catch (InterruptedException atTheLimit) {
            return timeout();
        } catch (TimeoutException | ExecutionException unknown) {
            return new Failed(Failure.THREW, "closed its connection to the host");
        }
        if (ending.exit() == -SIGSYS) {
            return new Failed(Failure.THREW, "asked the operating system for something that a function may not have");
        }
        if (ending.exit() == -SIGXCPU || ending.exit() == -9) {
            return timeout();
        }
        return ending.residentBytes() > limits.heapBytes()
                ? outOfMemory(limits)
                : new Failed(Failure.THREW, "recursed too deeply, or broke its interpreter");
    }
}
