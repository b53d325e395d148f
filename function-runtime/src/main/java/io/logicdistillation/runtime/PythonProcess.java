package io.logicdistillation.runtime;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;

/**
 * A locked-down process that waits for a call, and the conversation with it. The other half is {@code sandbox.py}; what a
 * function makes of it is not believed beyond the function's own result. Confined to one thread at a time.
 */
final class PythonProcess {

    /** What a process can be asked, by number; in the order of {@code sandbox.py}. */
    private enum Asked {
        LOAD,
        CALL,
        CALL_AGAIN
    }

    /** What a process can say, by number; in the order of {@code sandbox.py}. */
    enum Said {
        COMPILED,
        LOADED,
        RETURNED,
        THREW,
        INVALID_SOURCE,
        INVALID_OUTPUT,
        INVALID_ARGUMENTS,
        OUT_OF_MEMORY,
        COMPILED_STATELESS
    }

    /** @param bytes length of what was said; {@code data} is empty if it is more than was asked for */
    record Heard(Said said, int bytes, byte[] data) {
        String text() {
            return new String(data, StandardCharsets.UTF_8);
        }
    }

    /**
     * How a process ended without being told to.
     *
     * @param exit its exit code, or the signal that ended it, negated
     * @param residentBytes the most memory that it had
     */
    record Ending(int exit, long residentBytes) {}

    private static final int ORDER_BYTES = 10;
    private static final int HEADER_BYTES = 5;

    private final int number;
    private final long heapBytes;
    private final SocketChannel channel;
    private final CompletableFuture<Ending> ending;
    private int calls;

    PythonProcess(int number, long heapBytes, SocketChannel channel, CompletableFuture<Ending> ending) {
        this.number = number;
        this.heapBytes = heapBytes;
        this.channel = channel;
        this.ending = ending;
    }

    /** The template's name for it. */
    int number() {
        return number;
    }

    long heapBytes() {
        return heapBytes;
    }

    /** Completed when the process has ended by itself, or could not be made. */
    CompletableFuture<Ending> ending() {
        return ending;
    }

    /** Gives a source to compile and load. */
    void load(byte[] source) throws IOException {
        write(Asked.LOAD, EntryPoint.RUN, source, new byte[0]);
    }

    /** Gives a compiled source to load and a call of it; the same as before if this is not the first call. */
    void call(byte[] code, EntryPoint entryPoint, byte[] arguments) throws IOException {
        calls++;
        if (calls == 1) {
            write(Asked.CALL, entryPoint, code, arguments);
        } else {
            write(Asked.CALL_AGAIN, entryPoint, new byte[0], arguments);
        }
    }

    /** How many calls it was given. */
    int calls() {
        return calls;
    }

    private void write(Asked kind, EntryPoint entryPoint, byte[] first, byte[] second) throws IOException {
        ByteBuffer order =
                ByteBuffer.allocate(ORDER_BYTES + first.length + second.length).order(ByteOrder.LITTLE_ENDIAN);
        order.put((byte) kind.ordinal()).put((byte) entryPoint.ordinal());
        order.putInt(first.length).putInt(second.length).put(first).put(second).flip();
        while (order.hasRemaining()) {
            channel.write(order);
        }
    }

    /**
     * Waits for what the process says next.
     *
     * @throws EOFException if it has ended
     * @throws java.nio.channels.ClosedByInterruptException if the thread was interrupted
     */
    Heard hear(int mostBytes) throws IOException {
        ByteBuffer header = read(HEADER_BYTES);
        int kind = header.get();
        int bytes = header.getInt();
        if (kind < 0 || kind >= Said.values().length) {
            throw new EOFException("speaks out of turn");
        }
        boolean tooLong = bytes < 0 || bytes > mostBytes;
        return new Heard(
                Said.values()[kind],
                bytes < 0 ? Integer.MAX_VALUE : bytes,
                tooLong ? new byte[0] : read(bytes).array());
    }

    private ByteBuffer read(int bytes) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
        while (buffer.hasRemaining()) {
            if (channel.read(buffer) < 0) {
                throw new EOFException("ended without a word");
            }
        }
        return buffer.flip();
    }

    /** Ends the conversation; the process itself is ended by its template. */
    void hangUp() {
        try {
            channel.close();
        } catch (IOException alreadyGone) {
            // nothing is left to close
        }
    }
}
