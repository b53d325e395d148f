package io.logicdistillation.inference.engine;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * The file beside a graph that holds its matrices, written front to back, each as [inputs, outputs]: the order in which
 * the graph multiplies.
 */
final class WeightFile implements AutoCloseable {
    private static final int ALIGNMENT = 4096;

    private final Path path;
    private final FileChannel channel;

    WeightFile(Path path) throws IOException {
        this.path = path;
        this.channel = FileChannel.open(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    }

    OnnxModel.External floats(Matrix matrix) throws IOException {
        ByteBuffer out =
                ByteBuffer.allocate(matrix.values().length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (int column = 0; column < matrix.columns(); column++) {
            for (int row = 0; row < matrix.rows(); row++) {
                out.putFloat(matrix.values()[row * matrix.columns() + column]);
            }
        }
        return append(out.flip());
    }

    /** Rounds to eight bits and puts every output's scale into {@code scales}. */
    OnnxModel.External int8(Matrix matrix, float[] scales) throws IOException {
        byte[] out = new byte[matrix.values().length];
        for (int row = 0; row < matrix.rows(); row++) {
            int from = row * matrix.columns();
            float largest = 0;
            for (int column = 0; column < matrix.columns(); column++) {
                largest = Math.max(largest, Math.abs(matrix.values()[from + column]));
            }
            scales[row] = largest == 0 ? 1 : largest / Byte.MAX_VALUE;
            for (int column = 0; column < matrix.columns(); column++) {
                out[column * matrix.rows() + row] = (byte) Math.round(matrix.values()[from + column] / scales[row]);
            }
        }
        return append(ByteBuffer.wrap(out));
    }

    private OnnxModel.External append(ByteBuffer bytes) throws IOException {
        long offset = (channel.position() + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
        channel.position(offset);
        int length = bytes.remaining();
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
        return new OnnxModel.External(path.getFileName().toString(), offset, length);
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
