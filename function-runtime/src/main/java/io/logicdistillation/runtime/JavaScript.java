package io.logicdistillation.runtime;

import io.logicdistillation.runtime.FunctionResult.Failed;
import io.logicdistillation.runtime.FunctionResult.Failure;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import run.endive.runtime.Memory;
import run.endive.runtime.WasmInterruptedException;

/**
 * JavaScript by QuickJS in WebAssembly. A source is evaluated once per tenant; each call of it starts from the memory as it
 * was right after, so no call sees what another left behind. See {@code RATIONALE.md}.
 */
final class JavaScript implements GuestLanguage {

    private static final int WARM_UP_CALLS = 50;
    private static final String WARM_UP_SOURCE = """
            function run(state) {
              const seen = new Map(state.cells.map((cell, index) => [`${cell.x},${cell.y}`, index]));
              return { found: [...seen.keys()].filter((key) => /^1,/.test(key)).sort() };
            }
            """;

    /** By tenant. */
    private final IdlePool<String, QuickJsSandbox> sandboxes;

    private final LoadedFunctions<LoadedFunction> loaded;
    private final QuickJsTemplate template;

    JavaScript(int idleSandboxes, int loadedFunctions) {
        this(idleSandboxes, loadedFunctions, QuickJsTemplate.shared());
    }

    /** @param template another one only for the test that shows that the hostile programs do harm where nothing holds them */
    JavaScript(int idleSandboxes, int loadedFunctions, QuickJsTemplate template) {
        this.template = template;
        sandboxes = new IdlePool<>(idleSandboxes, forgotten -> {});
        loaded = new LoadedFunctions<>(
                loadedFunctions, function -> function.image().ownBytes());
    }

    @Override
    public String name() {
        return "javascript";
    }

    @Override
    public void warmUp() {
        FunctionCall call = FunctionCall.run(
                "warm-up", name(), WARM_UP_SOURCE, "[{\"cells\":[{\"x\":1,\"y\":2},{\"x\":1,\"y\":1}]}]");
        for (int repeat = 0; repeat < WARM_UP_CALLS && !Thread.currentThread().isInterrupted(); repeat++) {
            call(call);
        }
    }

    @Override
    public FunctionResult call(FunctionCall call) {
        long start = System.nanoTime();
        return withSandbox(call, sandbox -> {
            LoadedFunction function = load(call, sandbox);
            GuestExchange exchange = new GuestExchange(call.limits(), start);
            restore(sandbox, function.image(), function.stackPointer());
            run(sandbox, () -> sandbox.call(call.entryPoint(), call.argumentsJson(), exchange));
            return new Failed(Failure.INVALID_OUTPUT, "ended without a result");
        });
    }

    @Override
    public boolean isLoaded(FunctionCall call) {
        return loaded.get(call) != null;
    }

    @Override
    public Optional<Failed> check(FunctionCall call) {
        FunctionResult result = withSandbox(call, sandbox -> {
            load(call, sandbox);
            return new FunctionResult.Returned("null", Duration.ZERO);
        });
        return result instanceof Failed failed ? Optional.of(failed) : Optional.empty();
    }

    @Override
    public void close() {
        sandboxes.clear();
        loaded.clear();
    }

    private interface SandboxUse {
        FunctionResult in(QuickJsSandbox sandbox);
    }

    /** Only a sandbox whose guest ended in an orderly way is used again. */
    private FunctionResult withSandbox(FunctionCall call, SandboxUse use) {
        QuickJsSandbox idle = sandboxes.take(call.tenant());
        QuickJsSandbox sandbox = idle == null ? new QuickJsSandbox() : idle;
        sandbox.memory().limitTo((int) (call.limits().heapBytes() / Memory.PAGE_SIZE));
        FunctionResult result;
        try {
            result = use.in(sandbox);
        } catch (GuestStopped stopped) {
            result = stopped.result();
        }
        if (!(result instanceof Failed failed) || isOrderly(failed.kind())) {
            sandboxes.giveBack(call.tenant(), sandbox);
        }
        if (result instanceof Failed && sandbox.memory().refusedToGrow() && !isTimeout(result)) {
            return new Failed(
                    Failure.OUT_OF_MEMORY, "needed more than " + call.limits().heapBytes() + " bytes of memory");
        }
        return result;
    }

    private static boolean isTimeout(FunctionResult result) {
        return result instanceof Failed failed && failed.kind() == Failure.TIMEOUT;
    }

    private static boolean isOrderly(Failure kind) {
        return switch (kind) {
            case THREW, INVALID_SOURCE, INVALID_OUTPUT, OUTPUT_TOO_LARGE -> true;
            case TIMEOUT, OUT_OF_MEMORY, UNAVAILABLE, CRASHED, OVERLOADED -> false;
        };
    }

    private LoadedFunction load(FunctionCall call, QuickJsSandbox sandbox) {
        LoadedFunction function = loaded.get(call);
        if (function == null) {
            restore(sandbox, template.image(), template.stackPointer());
            GuestExchange exchange = new GuestExchange(call.limits(), System.nanoTime());
            run(sandbox, () -> sandbox.load(call.source(), exchange));
            MemoryImage image = template.image().changedTo(sandbox.memory().snapshot());
            function = new LoadedFunction(image, sandbox.stackPointer(), entryPoints(exchange));
            loaded.put(call, function);
        }
        if (!function.entryPoints().contains(call.entryPoint())) {
            throw new GuestStopped(new Failed(
                    Failure.INVALID_SOURCE,
                    "the source has no top-level function " + call.entryPoint().functionName()));
        }
        return function;
    }

    private static Set<EntryPoint> entryPoints(GuestExchange exchange) {
        Set<String> names = Set.of(exchange.loaded().strip().split(" "));
        return Arrays.stream(EntryPoint.values())
                .filter(entryPoint -> names.contains(entryPoint.functionName()))
                .collect(Collectors.toUnmodifiableSet());
    }

    private static void restore(QuickJsSandbox sandbox, MemoryImage image, int stackPointer) {
        sandbox.memory().restore(image);
        sandbox.setStackPointer(stackPointer);
    }

    /** Returns if the guest returned; all other ends are a {@link GuestStopped}. */
    private static void run(QuickJsSandbox sandbox, Runnable guest) {
        try {
            guest.run();
        } catch (GuestStopped | GuestExchange.InvalidArguments end) {
            throw end;
        } catch (WasmInterruptedException interrupted) {
            throw new GuestStopped(new Failed(Failure.TIMEOUT, "was still running at its limit"));
        } catch (OutOfMemoryError exhausted) {
            throw new GuestStopped(new Failed(Failure.OUT_OF_MEMORY, "needed more memory than the host has"));
        } catch (RuntimeException | StackOverflowError trap) {
            throw new GuestStopped(classify(sandbox, trap));
        }
    }

    /** The guest's stack lies at the bottom of its memory and grows down, so its overflow is an access below zero. */
    private static Failed classify(QuickJsSandbox sandbox, Throwable trap) {
        boolean stackOverflow = trap instanceof StackOverflowError
                || trap.getCause() instanceof StackOverflowError
                || sandbox.stackPointer() <= 0;
        return stackOverflow
                ? new Failed(Failure.THREW, "recursed too deeply")
                : new Failed(
                        Failure.CRASHED,
                        "the sandbox failed: " + trap.getClass().getSimpleName());
    }
}
