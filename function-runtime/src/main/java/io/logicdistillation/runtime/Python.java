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
 * Python by CPython, in a locked-down process that is forked for each call and ended after it, so no call sees what another left
 * behind. A source is compiled once; its top level runs in every call. See {@code RATIONALE.md}.
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

    /** A source that has been compiled and whose top level has been run once. */
    record CompiledFunction(byte[] code, Set<EntryPoint> entryPoints) {
        CompiledFunction {
            entryPoints = Set.copyOf(entryPoints);
        }
    }

    private final String interpreter;
    private final int idleProcesses;
    private final boolean unlocked;
    private final LoadedFunctions<CompiledFunction> compiled;
    private @Nullable PythonProcesses processes;
    private PythonInterpreter.@Nullable Missing missing;
    private long lookedNanos;
    private boolean closed;

    Python(String interpreter, int idleProcesses, int loadedFunctions) {
        this(interpreter, idleProcesses, loadedFunctions, false);
    }

    /** @param unlocked for the test that shows that the hostile programs do harm where nothing holds them */
    Python(String interpreter, int idleProcesses, int loadedFunctions, boolean unlocked) {
        this.interpreter = interpreter;
        this.idleProcesses = idleProcesses;
        this.unlocked = unlocked;
        compiled = new LoadedFunctions<>(loadedFunctions);
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
            Path found = PythonInterpreter.find(interpreter);
            PythonProcesses started = new PythonProcesses(found, unlocked, idleProcesses);
            started.fill(Limits.standard().heapBytes());
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
        FunctionResult result = withProcess(call, process -> load(call, process));
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
        return withProcess(call, process -> {
            process.call(function.code(), call.entryPoint(), arguments);
            return told(process.hear(Math.max(call.limits().outputBytes(), LONGEST_MESSAGE * 4)), call.limits(), start);
        });
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
    }

    private interface Use {
        FunctionResult of(PythonProcess process) throws IOException;
    }

    private FunctionResult withProcess(FunctionCall call, Use use) {
        PythonProcesses from;
        PythonProcess process;
        try {
            from = running();
            process = from.take(call.limits().heapBytes());
        } catch (InterruptedException atTheLimit) {
            return timeout();
        } catch (IOException | PythonInterpreter.Missing failure) {
            return new Failed(Failure.CRASHED, "the sandbox failed: " + failure.getMessage());
        }
        try {
            return use.of(process);
        } catch (ClosedByInterruptException atTheLimit) {
            return timeout();
        } catch (IOException ended) {
            return ended(process, call.limits());
        } finally {
            from.end(process);
        }
    }

    private static Failed timeout() {
        return new Failed(Failure.TIMEOUT, "was still running at its limit");
    }

    private FunctionResult load(FunctionCall call, PythonProcess process) throws IOException {
        process.load(call.source().getBytes(StandardCharsets.UTF_8));
        // Said before the source's first line is run, so it is the compiler's word.
        PythonProcess.Heard code = process.hear(LONGEST_CODE);
        if (code.said() != PythonProcess.Said.COMPILED) {
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
            case COMPILED, RETURNED, THREW, INVALID_OUTPUT, INVALID_ARGUMENTS -> {
                return new Failed(Failure.INVALID_SOURCE, "speaks to the host while it is loaded");
            }
        }
        CompiledFunction function = new CompiledFunction(code.data(), entryPoints(loaded.text()));
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
            case COMPILED, LOADED -> new Failed(Failure.INVALID_OUTPUT, "ended without a result");
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
