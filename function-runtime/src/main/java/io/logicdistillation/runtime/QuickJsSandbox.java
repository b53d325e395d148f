package io.logicdistillation.runtime;

import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import run.endive.runtime.ExportFunction;
import run.endive.runtime.HostFunction;
import run.endive.runtime.ImportFunction;
import run.endive.runtime.ImportValues;
import run.endive.runtime.Instance;
import run.endive.runtime.Memory;
import run.endive.wasm.WasmModule;
import run.endive.wasm.types.FunctionImport;

/**
 * One instance of QuickJS in WebAssembly. What it can reach outside its memory is this class: one call by which it tells
 * how it ended, and the C library's for files, of which there are none.
 * Confined to one thread at a time.
 */
final class QuickJsSandbox {

    private static final long[] NOTHING = {};
    private static final long[] BAD_DESCRIPTOR = {8};

    private final Instance instance;
    private final SandboxMemory memory;
    private final ExportFunction allocate;
    private final ExportFunction start;
    private final ExportFunction load;
    private final ExportFunction call;
    private @Nullable Exchange exchange;

    QuickJsSandbox() {
        WasmModule module = QuickJsModule.load();
        int initialPages =
                module.memorySection().orElseThrow().getMemory(0).limits().initialPages();
        memory = new SandboxMemory(initialPages, (int) (Limits.standard().heapBytes() / Memory.PAGE_SIZE));
        instance = Instance.builder(module)
                .withMemoryFactory(ignored -> memory)
                .withMachineFactory(QuickJsModule::create)
                .withImportValues(imports(module))
                .build();
        setStackPointer((int) instance.global(0).getValue());
        allocate = instance.export("allocate");
        start = instance.export("start");
        load = instance.export("load");
        call = instance.export("call");
    }

    SandboxMemory memory() {
        return memory;
    }

    int stackPointer() {
        return SandboxMemory.stackPointer(memory);
    }

    void setStackPointer(int value) {
        SandboxMemory.stackPointer(value, memory);
    }

    /** Brings the engine up and makes it safe by a script that evaluates to the loader of sources. */
    void start(String script) {
        instance.export("_initialize").apply();
        GuestText text = place(script);
        if (start.apply(text.address(), text.bytes())[0] == 0) {
            throw new IllegalStateException("the guest engine does not start");
        }
    }

    /** Evaluates a source; what it tells meanwhile goes to the exchange. */
    void load(String source, Exchange with) {
        converse(with, () -> {
            GuestText text = place(source);
            load.apply(text.address(), text.bytes());
        });
    }

    /** Calls an entry point of the loaded source; ends by an exception of the exchange if the guest has told its end. */
    void call(EntryPoint entryPoint, String argumentsJson, Exchange with) {
        converse(with, () -> {
            GuestText text = place(argumentsJson);
            call.apply(entryPoint == EntryPoint.RUN ? 0 : 1, text.address(), text.bytes());
        });
    }

    private void converse(Exchange with, Runnable guest) {
        exchange = with;
        try {
            guest.run();
        } finally {
            exchange = null;
        }
    }

    /** The host's side of the conversation with a guest. */
    interface Exchange {
        /** Takes what the guest tells; may end the guest by throwing. */
        void hear(int kind, GuestText text);
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

    /** The C library asks for files when it writes diagnostics; there are none. */
    private long[] answer(String name, long[] arguments) {
        if (!name.equals("tell")) {
            return BAD_DESCRIPTOR;
        }
        Objects.requireNonNull(exchange, "the guest speaks out of turn")
                .hear((int) arguments[0], new GuestText(memory, (int) arguments[1], (int) arguments[2]));
        return NOTHING;
    }

    private GuestText place(String text) {
        byte[] data = text.getBytes(StandardCharsets.UTF_8);
        // An empty allocation would have no address, and the engine wants texts to end with a zero.
        int address = (int) allocate.apply(data.length + 1)[0];
        if (address == 0) {
            throw new GuestStopped(new FunctionResult.Failed(
                    FunctionResult.Failure.OUT_OF_MEMORY, "the source or the arguments need more memory than allowed"));
        }
        memory.write(address, data, 0, data.length);
        memory.writeByte(address + data.length, (byte) 0);
        return new GuestText(memory, address, data.length);
    }
}
