package io.logicdistillation.inference.engine;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A GGUF file, memory-mapped: metadata, and tensors dequantised row by row on demand. Pages that nobody reads take no
 * memory, and all students and all processes share those that are read.
 *
 * <p>Thread-safe; closing unmaps the file under everybody.
 */
final class Gguf implements AutoCloseable {
    private static final int MAGIC = 0x46554747;
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfFloat FLOAT =
            ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final Arena arena = Arena.ofShared();
    private final MemorySegment file;
    private final Map<String, Object> metadata = new HashMap<>();
    private final Map<String, Tensor> tensors = new HashMap<>();
    private long cursor;

    private Gguf(FileChannel channel) throws IOException {
        this.file = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
    }

    static Gguf open(Path path) {
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            Gguf gguf = new Gguf(channel);
            try {
                gguf.readHeader();
                return gguf;
            } catch (EngineException | IndexOutOfBoundsException | ArithmeticException e) {
                gguf.close();
                throw e instanceof EngineException refused ? refused : damaged("it ends too early");
            }
        } catch (IOException e) {
            throw new EngineException(EngineException.Kind.BASE_MODEL, "cannot read the base model's file " + path, e);
        }
    }

    private void readHeader() {
        if (readInt() != MAGIC || readInt() != 3) {
            throw damaged("it is not a GGUF file of version 3");
        }
        long tensorCount = readLong();
        long entries = readLong();
        for (long i = 0; i < entries; i++) {
            String key = readText();
            metadata.put(key, readValue(readInt()));
        }
        record Declared(String name, long columns, long rows, Type type, long offset) {}
        List<Declared> declared = new ArrayList<>();
        for (long i = 0; i < tensorCount; i++) {
            String name = readText();
            int dimensions = readInt();
            long columns = readLong();
            long rows = 1;
            for (int d = 1; d < dimensions; d++) {
                rows *= readLong();
            }
            declared.add(new Declared(name, columns, rows, Type.of(readInt()), readLong()));
        }
        long alignment = metadata.get("general.alignment") instanceof Number n ? n.longValue() : 32;
        long start = (cursor + alignment - 1) / alignment * alignment;
        for (Declared d : declared) {
            long bytes = d.columns / d.type.blockSize * d.type.blockBytes * d.rows;
            tensors.put(d.name, new Tensor(d.columns, d.rows, d.type, file.asSlice(start + d.offset, bytes)));
        }
    }

    String text(String key) {
        return metadata.get(key) instanceof String text ? text : "";
    }

    double number(String key) {
        if (metadata.get(key) instanceof Number number) {
            return number.doubleValue();
        }
        throw damaged("it lacks " + key);
    }

    @SuppressWarnings("unchecked")
    List<String> texts(String key) {
        if (metadata.get(key) instanceof List<?> list && !list.isEmpty() && list.getFirst() instanceof String) {
            return (List<String>) list;
        }
        throw damaged("it lacks " + key);
    }

    Tensor tensor(String name) {
        Tensor tensor = tensors.get(name);
        if (tensor == null) {
            throw damaged("it lacks the tensor " + name);
        }
        return tensor;
    }

    @Override
    public void close() {
        arena.close();
    }

    private static EngineException damaged(String why) {
        return new EngineException(EngineException.Kind.BASE_MODEL, "the base model's file cannot be used: " + why);
    }

    private int readInt() {
        int value = file.get(INT, cursor);
        cursor += Integer.BYTES;
        return value;
    }

    private long readLong() {
        long value = file.get(LONG, cursor);
        cursor += Long.BYTES;
        return value;
    }

    private String readText() {
        int length = Math.toIntExact(readLong());
        byte[] bytes = new byte[length];
        MemorySegment.copy(file, ValueLayout.JAVA_BYTE, cursor, bytes, 0, length);
        cursor += length;
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private Object readValue(int type) {
        return switch (type) {
            case 0, 1, 7 -> file.get(ValueLayout.JAVA_BYTE, cursor++);
            case 2, 3 -> {
                cursor += Short.BYTES;
                yield file.get(SHORT, cursor - Short.BYTES);
            }
            case 4, 5 -> readInt();
            case 6 -> Float.intBitsToFloat(readInt());
            case 8 -> readText();
            case 9 -> readArray(readInt(), readLong());
            case 10, 11 -> readLong();
            case 12 -> Double.longBitsToDouble(readLong());
            default -> throw damaged("it holds metadata of the unknown type " + type);
        };
    }

    private List<Object> readArray(int elementType, long length) {
        List<Object> values = new ArrayList<>(Math.toIntExact(length));
        for (long i = 0; i < length; i++) {
            values.add(readValue(elementType));
        }
        return values;
    }

    /** The block formats that this reader knows, with the file format's numbers for them. */
    private enum Type {
        F32(0, 1, 4),
        F16(1, 1, 2),
        Q4_0(2, 32, 18),
        Q4_1(3, 32, 20),
        Q8_0(8, 32, 34);

        private final int number;
        private final int blockSize;
        private final int blockBytes;

        Type(int number, int blockSize, int blockBytes) {
            this.number = number;
            this.blockSize = blockSize;
            this.blockBytes = blockBytes;
        }

        static Type of(int number) {
            for (Type type : values()) {
                if (type.number == number) {
                    return type;
                }
            }
            throw damaged("it holds tensors of type %d; F32, F16, Q4_0, Q4_1 and Q8_0 are known".formatted(number));
        }
    }

    /** A matrix as the file holds it, in the file's own order of rows. */
    record Tensor(long columns, long rows, Type type, MemorySegment data) {
        /** Writes one row's floats from {@code target[at]} on. */
        void read(long row, float[] target, int at) {
            long blocks = columns / type.blockSize;
            long offset = row * blocks * type.blockBytes;
            for (int block = 0; block < blocks; block++, offset += type.blockBytes) {
                int to = at + block * type.blockSize;
                switch (type) {
                    case F32 -> target[to] = data.get(FLOAT, offset);
                    case F16 -> target[to] = half(offset);
                    case Q4_0 -> nibbles(offset + 2, half(offset), -8 * half(offset), target, to);
                    case Q4_1 -> nibbles(offset + 4, half(offset), half(offset + 2), target, to);
                    case Q8_0 -> {
                        float scale = half(offset);
                        for (int i = 0; i < 32; i++) {
                            target[to + i] = scale * data.get(ValueLayout.JAVA_BYTE, offset + 2 + i);
                        }
                    }
                }
            }
        }

        float[] read() {
            float[] all = new float[Math.toIntExact(rows * columns)];
            for (int row = 0; row < rows; row++) {
                read(row, all, Math.toIntExact(row * columns));
            }
            return all;
        }

        private float half(long offset) {
            return Float.float16ToFloat(data.get(SHORT, offset));
        }

        private void nibbles(long from, float scale, float offset, float[] target, int to) {
            for (int i = 0; i < 16; i++) {
                int pair = data.get(ValueLayout.JAVA_BYTE, from + i);
                target[to + i] = scale * (pair & 0x0f) + offset;
                target[to + i + 16] = scale * ((pair >> 4) & 0x0f) + offset;
            }
        }
    }
}
