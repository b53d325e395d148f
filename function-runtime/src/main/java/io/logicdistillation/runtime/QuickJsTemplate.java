package io.logicdistillation.runtime;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import run.endive.runtime.Memory;

/**
 * The state from which every sandbox starts: QuickJS up, the global object stripped, nothing of any tenant seen yet. Made
 * once per JVM; setting a fresh sandbox to it takes a memory copy, making it anew would take tens of milliseconds.
 */
record QuickJsTemplate(MemoryImage image, int stackPointer) {

    /** The template of this JVM; the first caller waits until it is made. */
    static QuickJsTemplate shared() {
        return Holder.TEMPLATE;
    }

    private static final class Holder {
        private static final QuickJsTemplate TEMPLATE = of(script());
    }

    /** @param script what is run first, and evaluates to the loader of sources */
    static QuickJsTemplate of(String script) {
        QuickJsSandbox sandbox = new QuickJsSandbox();
        sandbox.memory().limitTo((int) (Limits.SMALLEST_HEAP_BYTES / Memory.PAGE_SIZE));
        sandbox.start(script);
        return new QuickJsTemplate(MemoryImage.of(sandbox.memory().snapshot()), sandbox.stackPointer());
    }

    static String script() {
        try (InputStream resource =
                Objects.requireNonNull(QuickJsTemplate.class.getResourceAsStream("sandbox.js"), "sandbox.js")) {
            return new String(resource.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }
}
