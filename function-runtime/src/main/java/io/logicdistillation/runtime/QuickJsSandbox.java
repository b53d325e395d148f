package io.logicdistillation.runtime;

import io.roastedroot.quickjs4j.core.JavyPluginModule;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import run.endive.runtime.HostFunction;
import run.endive.runtime.ImportFunction;
import run.endive.runtime.ImportValues;
import run.endive.runtime.Instance;
import run.endive.runtime.Memory;
import run.endive.runtime.TrapException;
import run.endive.wasm.WasmModule;
import run.endive.wasm.types.FunctionImport;

/**
 * One instance of QuickJS in WebAssembly. What it can reach outside its memory is this class: the two-way exchange of text
 * with the guest, and a WASI in which the clock stands still, chance is zero, and there are no files.
 * Confined to one thread at a time.
 */
final class QuickJsSandbox {

    private static final long[] SUCCESS = {0};
    private static final long[] BAD_DESCRIPTOR = {8};

    private final Instance instance;
    private final SandboxMemory memory;
    private @Nullable Exchange exchange;

    QuickJsSandbox() {
        WasmModule module = JavyPluginModule.load();
        int initialPages =
                module.memorySection().orElseThrow().getMemory(0).limits().initialPages();
        memory = new SandboxMemory(initialPages, (int) (Limits.standard().heapBytes() / Memory.PAGE_SIZE));
        instance = Instance.builder(module)
                .withMemoryFactory(ignored -> memory)
                .withMachineFactory(JavyPluginModule::create)
                .withImportValues(imports(module))
                .build();
    }

    SandboxMemory memory() {
        return memory;
    }

    /** The guest's stack pointer: the only state of an instance outside its memory. */
    int stackPointer() {
        return (int) instance.global(0).getValue();
    }

    void setStackPointer(int value) {
        instance.global(0).setValue(value);
    }

    void initializeRuntime() {
        instance.export("initialize_runtime").apply();
    }

    /** Compiles a module and leaves its bytecode in the guest's memory. */
    Bytecode compile(String module) {
        byte[] text = module.getBytes(StandardCharsets.UTF_8);
        int pair = (int) instance.export("compileSrc").apply(place(text), text.length)[0];
        return new Bytecode(memory.readInt(pair), memory.readInt(pair + 4));
    }

    /** Runs bytecode; what the guest asks and tells meanwhile goes to the exchange. */
    void evaluate(Bytecode bytecode, Exchange with) {
        exchange = with;
        try {
            instance.export("eval").apply(bytecode.address(), bytecode.size(), 0, 0);
        } finally {
            exchange = null;
        }
    }

    /** Bytecode within the memory of a sandbox. */
    record Bytecode(int address, int size) {}

    /** The host's side of the conversation with a guest. */
    interface Exchange {
        /** Answers a question of the guest, or takes what it tells; may end the guest by throwing. */
        String handle(String operation, GuestText text);
    }

    /** Text in the guest's memory, not yet copied out. */
    record GuestText(SandboxMemory memory, int address, int bytes) {
        String read() {
            return new String(memory.readBytes(address, bytes), StandardCharsets.UTF_8);
        }
    }

    private ImportValues imports(WasmModule module) {
        ImportFunction[] functions = module.importSection().stream()
                .map(FunctionImport.class::cast)
                .map(imported -> new HostFunction(
                        imported.module(),
                        imported.name(),
                        module.typeSection().getType(imported.typeIndex()),
                        (caller, arguments) -> answer(imported.name(), arguments)))
                .toArray(ImportFunction[]::new);
        return ImportValues.builder().addFunction(functions).build();
    }

    private long[] answer(String name, long[] arguments) {
        return switch (name) {
            case "invoke" -> invoke(arguments);
            case "random_get" -> {
                memory.fill((byte) 0, (int) arguments[0], (int) (arguments[0] + arguments[1]));
                yield SUCCESS;
            }
            case "clock_time_get" -> {
                memory.writeLong((int) arguments[2], 0);
                yield SUCCESS;
            }
            case "environ_sizes_get" -> {
                memory.writeI32((int) arguments[0], 0);
                memory.writeI32((int) arguments[1], 0);
                yield SUCCESS;
            }
            case "environ_get" -> SUCCESS;
            case "fd_write" -> swallow(arguments);
            case "proc_exit" -> throw new TrapException("the guest engine gave up");
            default -> BAD_DESCRIPTOR;
        };
    }

    /** The guest engine reports its own failures as text; what matters of them arrives by another way. */
    private long[] swallow(long[] arguments) {
        int total = 0;
        for (int vector = 0; vector < (int) arguments[2]; vector++) {
            total += memory.readInt((int) arguments[1] + 8 * vector + 4);
        }
        memory.writeI32((int) arguments[3], total);
        return SUCCESS;
    }

    private long[] invoke(long[] arguments) {
        String operation = new GuestText(memory, (int) arguments[2], (int) arguments[3]).read();
        GuestText told = new GuestText(memory, (int) arguments[4], (int) arguments[5]);
        byte[] answer = Objects.requireNonNull(exchange, "the guest speaks out of turn")
                .handle(operation, told)
                .getBytes(StandardCharsets.UTF_8);
        int address = place(answer);
        int pair = (int) instance.export("cabi_realloc").apply(0, 0, 1, 8)[0];
        memory.writeI32(pair, address);
        memory.writeI32(pair + 4, answer.length);
        return new long[] {pair};
    }

    private int place(byte[] data) {
        // An empty allocation would have no address.
        int address = (int) instance.export("cabi_realloc").apply(0, 0, 1, Math.max(1, data.length))[0];
        memory.write(address, data, 0, data.length);
        return address;
    }
}
