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

    /** What an array has beyond the image it holds, so that a call which grows a little costs no new array. */
    private static final int SPARE = 512 << 10;

    private static final int LARGEST_SPARE = 4 << 20;

    private final int initialPages;
    private byte[] bytes;
    private int pages;
    private int maximumPages;
    private boolean refusedToGrow;
    private int stackPointer;

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

    /** Sets everything back to an image, whatever a call did; an array that a call made large is given back to the heap. */
    void restore(MemoryImage image) {
        int size = image.pages() * PAGE_SIZE;
        int used = pages * PAGE_SIZE;
        if (bytes.length < size || bytes.length > size + LARGEST_SPARE) {
            bytes = new byte[size + SPARE];
        } else if (used > size) {
            Arrays.fill(bytes, size, used, (byte) 0);
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

    /** The guest's stack pointer, the only state of a sandbox outside the array. */
    static int stackPointer(Memory memory) {
        return ((SandboxMemory) memory).stackPointer;
    }

    static void stackPointer(int value, Memory memory) {
        ((SandboxMemory) memory).stackPointer = value;
    }

    // What the translated code calls instead of the interface: short, so that HotSpot's compilers inline it everywhere.

    static byte memoryReadByte(int base, int offset, Memory memory) {
        return ((SandboxMemory) memory).bytes[address(base, offset)];
    }

    static void memoryWriteByte(int base, byte value, int offset, Memory memory) {
        ((SandboxMemory) memory).bytes[address(base, offset)] = value;
    }

    static short memoryReadShort(int base, int offset, Memory memory) {
        return (short) SHORT.get(((SandboxMemory) memory).bytes, address(base, offset));
    }

    static void memoryWriteShort(int base, short value, int offset, Memory memory) {
        SHORT.set(((SandboxMemory) memory).bytes, address(base, offset), value);
    }

    static int memoryReadInt(int base, int offset, Memory memory) {
        return (int) INT.get(((SandboxMemory) memory).bytes, address(base, offset));
    }

    static void memoryWriteInt(int base, int value, int offset, Memory memory) {
        INT.set(((SandboxMemory) memory).bytes, address(base, offset), value);
    }

    static long memoryReadLong(int base, int offset, Memory memory) {
        return (long) LONG.get(((SandboxMemory) memory).bytes, address(base, offset));
    }

    static void memoryWriteLong(int base, long value, int offset, Memory memory) {
        LONG.set(((SandboxMemory) memory).bytes, address(base, offset), value);
    }

    static float memoryReadFloat(int base, int offset, Memory memory) {
        return (float) FLOAT.get(((SandboxMemory) memory).bytes, address(base, offset));
    }

    static void memoryWriteFloat(int base, float value, int offset, Memory memory) {
        FLOAT.set(((SandboxMemory) memory).bytes, address(base, offset), value);
    }

    static double memoryReadDouble(int base, int offset, Memory memory) {
        return (double) DOUBLE.get(((SandboxMemory) memory).bytes, address(base, offset));
    }

    static void memoryWriteDouble(int base, double value, int offset, Memory memory) {
        DOUBLE.set(((SandboxMemory) memory).bytes, address(base, offset), value);
    }

    /** A base above 2 GiB stays out of bounds whatever the offset. */
    private static int address(int base, int offset) {
        return base < 0 ? base : base + offset;
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
