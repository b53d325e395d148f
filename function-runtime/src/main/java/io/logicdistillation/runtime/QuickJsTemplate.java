package io.logicdistillation.runtime;

import io.logicdistillation.runtime.QuickJsSandbox.Bytecode;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import run.endive.runtime.Memory;

/**
 * The state from which every sandbox starts: QuickJS up, the global object stripped, nothing of any tenant seen yet. Made
 * once per JVM; setting a fresh sandbox to it takes a memory copy, making it anew would take tens of milliseconds.
 *
 * @param load bytecode that evaluates the source it is given
 * @param call bytecode that calls an entry point of the loaded source
 */
record QuickJsTemplate(MemoryImage image, int stackPointer, Bytecode load, Bytecode call) {

    /** The template of this JVM; the first caller waits until it is made. */
    static QuickJsTemplate shared() {
        return Holder.TEMPLATE;
    }

    private static final class Holder {
        private static final QuickJsTemplate TEMPLATE = make();
    }

    private static QuickJsTemplate make() {
        QuickJsSandbox sandbox = new QuickJsSandbox();
        sandbox.memory().limitTo((int) (Limits.SMALLEST_HEAP_BYTES / Memory.PAGE_SIZE));
        sandbox.initializeRuntime();
        sandbox.evaluate(sandbox.compile(script()), (operation, text) -> {
            throw new IllegalStateException("the template asked for " + operation);
        });
        // The names go away before the functions run, so that no source sees them.
        Bytecode load = sandbox.compile("const load = globalThis.$load; delete globalThis.$load; load();");
        Bytecode call = sandbox.compile("const call = globalThis.$call; delete globalThis.$call; call();");
        return new QuickJsTemplate(MemoryImage.of(sandbox.memory().snapshot()), sandbox.stackPointer(), load, call);
    }

    private static String script() {
        try (InputStream resource =
                Objects.requireNonNull(QuickJsTemplate.class.getResourceAsStream("sandbox.js"), "sandbox.js")) {
            return new String(resource.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }
}
