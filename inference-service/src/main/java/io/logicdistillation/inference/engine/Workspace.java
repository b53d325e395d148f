package io.logicdistillation.inference.engine;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The buffers that one run reads its past from and writes its new keys and values into. Past and present are the same
 * memory, so a run copies nothing, and what was composed stays valid for the next run: new tokens only write behind it.
 *
 * <p>Not thread-safe; the holder of the model's turn uses it.
 */
final class Workspace implements AutoCloseable {
    private final ModelShape shape;
    private final int capacity;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment data;
    private final Map<String, OnnxTensor> past = new HashMap<>();
    private final Map<String, OnnxTensor> present = new HashMap<>();
    private List<String> contents = List.of();
    private int length;

    Workspace(OrtEnvironment environment, ModelShape shape, int capacity) throws OrtException {
        this.shape = shape;
        this.capacity = capacity;
        this.data = arena.allocate(bytes(shape, capacity), 64);
        long[] dimensions = {1, shape.keyValueHeads(), capacity, shape.headSize()};
        long slice = data.byteSize() / shape.layers() / 2;
        for (int i = 0; i < 2 * shape.layers(); i++) {
            String name = (i % 2 == 0 ? "key." : "value.") + i / 2;
            OnnxTensor tensor = OnnxTensor.createTensor(
                    environment,
                    data.asSlice(i * slice, slice)
                            .asByteBuffer()
                            .order(ByteOrder.nativeOrder())
                            .asFloatBuffer(),
                    dimensions);
            past.put("past_" + name, tensor);
            present.put("present_" + name, tensor);
        }
    }

    static long bytes(ModelShape shape, int capacity) {
        return (long) shape.keyValueFloats() * capacity * Float.BYTES;
    }

    long bytes() {
        return data.byteSize();
    }

    int capacity() {
        return capacity;
    }

    /** Names of the blocks that lie at the front. */
    List<String> contents() {
        return contents;
    }

    /** Tokens that lie at the front. */
    int length() {
        return length;
    }

    Map<String, OnnxTensor> past() {
        return past;
    }

    Map<String, OnnxTensor> present() {
        return present;
    }

    /** Puts these blocks at the front, one after the other. */
    void compose(List<String> names, List<KeyValueBlock> blocks) {
        int at = 0;
        for (KeyValueBlock block : blocks) {
            copy(block, at, true);
            at += block.length();
        }
        contents = List.copyOf(names);
        length = at;
    }

    /** Takes a copy of what the last run wrote behind the front. */
    KeyValueBlock extract(int from, int count) {
        KeyValueBlock block = new KeyValueBlock(shape, count);
        copy(block, from, false);
        return block;
    }

    private void copy(KeyValueBlock block, int at, boolean into) {
        long token = (long) shape.headSize() * Float.BYTES;
        long run = block.length() * token;
        long rows = (long) shape.layers() * 2 * shape.keyValueHeads();
        for (long row = 0; row < rows; row++) {
            long here = (row * capacity + at) * token;
            if (into) {
                MemorySegment.copy(block.data(), row * run, data, here, run);
            } else {
                MemorySegment.copy(data, here, block.data(), row * run, run);
            }
        }
    }

    @Override
    public void close() {
        past.values().forEach(OnnxTensor::close);
        arena.close();
    }
}
