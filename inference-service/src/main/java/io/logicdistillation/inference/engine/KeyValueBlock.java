package io.logicdistillation.inference.engine;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Keys and values of some consecutive tokens outside the heap: per layer keys, then values; per head [length, headSize].
 */
final class KeyValueBlock implements AutoCloseable {
    private final Arena arena = Arena.ofShared();
    private final int length;
    private final MemorySegment data;

    KeyValueBlock(ModelShape shape, int length) {
        this.length = length;
        this.data = arena.allocate((long) shape.keyValueFloats() * length * Float.BYTES, Long.BYTES);
    }

    int length() {
        return length;
    }

    MemorySegment data() {
        return data;
    }

    long bytes() {
        return data.byteSize();
    }

    @Override
    public void close() {
        arena.close();
    }
}
