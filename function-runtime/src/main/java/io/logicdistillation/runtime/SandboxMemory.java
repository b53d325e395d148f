package io.logicdistillation.runtime;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import run.endive.runtime.ConstantEvaluators;
import run.endive.runtime.Instance;
import run.endive.runtime.Memory;
import run.endive.runtime.TrapException;
import run.endive.wasm.types.ActiveDataSegment;
import run.endive.wasm.types.DataSegment;

/**
 * The linear memory of one sandbox: a byte array whose size the host caps and whose content it can set back, both of which
 * the engine's own memories lack. An access outside the array is an {@link IndexOutOfBoundsException}. Confined to one
 * thread at a time.
 */
final class SandboxMemory implements Memory {

    private static final VarHandle SHORT = MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle FLOAT = MethodHandles.byteArrayViewVarHandle(float[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle DOUBLE =
            MethodHandles.byteArrayViewVarHandle(double[].class, ByteOrder.LITTLE_ENDIAN);

    private final int initialPages;
    private byte[] bytes;
    private int pages;
    private int maximumPages;
    private boolean refusedToGrow;

    SandboxMemory(int initialPages, int maximumPages) {
        this.initialPages = initialPages;
        this.pages = initialPages;
        this.maximumPages = maximumPages;
        this.bytes = new byte[initialPages * PAGE_SIZE];
    }

    /** Sets the cap of the next call and forgets that an earlier one met its own. */
    void limitTo(int changed) {
        maximumPages = changed;
        refusedToGrow = false;
    }

    boolean refusedToGrow() {
        return refusedToGrow;
    }

    /** Sets everything back to an image, whatever a call did; an array that a call made grow is given back to the heap. */
    void restore(MemoryImage image) {
        int size = image.pages() * PAGE_SIZE;
        if (bytes.length != size) {
            bytes = new byte[size];
        }
        pages = image.pages();
        image.copyTo(bytes);
    }

    byte[] snapshot() {
        return Arrays.copyOf(bytes, pages * PAGE_SIZE);
    }

    @Override
    public int pages() {
        return pages;
    }

    @Override
    public int grow(int more) {
        int before = pages;
        if (more < 0 || more > maximumPages - before) {
            refusedToGrow = true;
            return -1;
        }
        int needed = (before + more) * PAGE_SIZE;
        if (needed > bytes.length) {
            // Doubling, as a guest grows by single pages; what lies between the size and the array's end stays zero.
            int doubled = Math.min(maximumPages * PAGE_SIZE, Math.max(needed, 2 * bytes.length));
            bytes = Arrays.copyOf(bytes, doubled);
        }
        pages = before + more;
        return before;
    }

    @Override
    public int initialPages() {
        return initialPages;
    }

    @Override
    public int maximumPages() {
        return maximumPages;
    }

    @Override
    public boolean shared() {
        return false;
    }

    @Override
    public Object lock(int address) {
        throw noThreads();
    }

    @Override
    public int waitOn(int address, int expected, long timeout) {
        throw noThreads();
    }

    @Override
    public int waitOn(int address, long expected, long timeout) {
        throw noThreads();
    }

    @Override
    public int notify(int address, int maxThreads) {
        throw noThreads();
    }

    private static TrapException noThreads() {
        return new TrapException("the memory is not shared");
    }

    @Override
    public void initialize(Instance instance, DataSegment[] segments) {
        for (DataSegment segment : segments) {
            if (!(segment instanceof ActiveDataSegment active)) {
                throw new IllegalArgumentException("the guest engine has a passive data segment");
            }
            int offset = (int) ConstantEvaluators.computeConstantValue(instance, active.offsetInstructions())[0];
            write(offset, active.data(), 0, active.data().length);
        }
    }

    @Override
    public void initialize(Instance instance, DataSegment[] segments, int memoryIndex) {
        initialize(instance, segments);
    }

    @Override
    public void initPassiveSegment(int segment, int destination, int offset, int size) {
        throw new TrapException("the guest engine has no passive data segment");
    }

    @Override
    public void drop(int segment) {
        // Active segments are dropped by copying them; nothing is kept.
    }

    @Override
    public void write(int address, byte[] data, int offset, int size) {
        System.arraycopy(data, offset, bytes, address, size);
    }

    @Override
    public byte read(int address) {
        return bytes[address];
    }

    @Override
    public byte[] readBytes(int address, int size) {
        byte[] copy = new byte[size];
        System.arraycopy(bytes, address, copy, 0, size);
        return copy;
    }

    @Override
    public void writeI32(int address, int value) {
        INT.set(bytes, address, value);
    }

    @Override
    public int readInt(int address) {
        return (int) INT.get(bytes, address);
    }

    @Override
    public void writeLong(int address, long value) {
        LONG.set(bytes, address, value);
    }

    @Override
    public long readLong(int address) {
        return (long) LONG.get(bytes, address);
    }

    @Override
    public void writeShort(int address, short value) {
        SHORT.set(bytes, address, value);
    }

    @Override
    public short readShort(int address) {
        return (short) SHORT.get(bytes, address);
    }

    @Override
    public long readU16(int address) {
        return Short.toUnsignedLong(readShort(address));
    }

    @Override
    public void writeByte(int address, byte value) {
        bytes[address] = value;
    }

    @Override
    public void writeF32(int address, float value) {
        FLOAT.set(bytes, address, value);
    }

    @Override
    public long readF32(int address) {
        return readInt(address);
    }

    @Override
    public float readFloat(int address) {
        return (float) FLOAT.get(bytes, address);
    }

    @Override
    public void writeF64(int address, double value) {
        DOUBLE.set(bytes, address, value);
    }

    @Override
    public double readDouble(int address) {
        return (double) DOUBLE.get(bytes, address);
    }

    @Override
    public long readF64(int address) {
        return readLong(address);
    }

    @Override
    public void zero() {
        Arrays.fill(bytes, (byte) 0);
    }

    @Override
    public void fill(byte value, int from, int to) {
        Arrays.fill(bytes, from, to, value);
    }

    @Override
    public void copy(int destination, int source, int size) {
        System.arraycopy(bytes, source, bytes, destination, size);
    }
}
