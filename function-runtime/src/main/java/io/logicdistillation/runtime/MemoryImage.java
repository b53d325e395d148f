package io.logicdistillation.runtime;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import run.endive.runtime.Memory;

/**
 * A sandbox's memory at one moment, to be set back to. One that was taken after another keeps only the blocks that differ,
 * so that a loaded function costs some tens of kilobytes and not a whole memory. Immutable; safe for any thread.
 */
final class MemoryImage {

    private static final int BLOCK = 4096;

    private record Patch(int offset, byte[] bytes) {}

    private final byte[] base;
    /** What the base begins with: the unused part of the guest's stack, most of its memory. */
    private final int leadingZeros;

    private final List<Patch> patches;
    private final int pages;

    private MemoryImage(byte[] base, int leadingZeros, List<Patch> patches, int pages) {
        this.base = base;
        this.leadingZeros = leadingZeros;
        this.patches = patches;
        this.pages = pages;
    }

    static MemoryImage of(byte[] bytes) {
        return new MemoryImage(bytes, leadingZeros(bytes), List.of(), bytes.length / Memory.PAGE_SIZE);
    }

    /** An image of these bytes that shares with this one what is equal. */
    MemoryImage changedTo(byte[] bytes) {
        List<Patch> changes = new ArrayList<>();
        for (int offset = 0; offset < bytes.length; offset += BLOCK) {
            int end = Math.min(offset + BLOCK, bytes.length);
            if (end > base.length || !Arrays.equals(bytes, offset, end, base, offset, end)) {
                changes.add(new Patch(offset, Arrays.copyOfRange(bytes, offset, end)));
            }
        }
        return new MemoryImage(base, leadingZeros, List.copyOf(changes), bytes.length / Memory.PAGE_SIZE);
    }

    private static int leadingZeros(byte[] bytes) {
        int zeros = 0;
        while (zeros < bytes.length && bytes[zeros] == 0) {
            zeros++;
        }
        return zeros;
    }

    int pages() {
        return pages;
    }

    /** What this image holds beyond the one it was derived from. */
    int ownBytes() {
        return patches.stream().mapToInt(patch -> patch.bytes().length).sum();
    }

    void copyTo(byte[] target) {
        // Zeroing takes half the time of copying zeros.
        Arrays.fill(target, 0, leadingZeros, (byte) 0);
        System.arraycopy(base, leadingZeros, target, leadingZeros, base.length - leadingZeros);
        for (Patch patch : patches) {
            System.arraycopy(patch.bytes(), 0, target, patch.offset(), patch.bytes().length);
        }
    }
}
