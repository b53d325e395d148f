package io.logicdistillation.runtime;

import java.time.Duration;

/**
 * What one call may use.
 *
 * @param wallClock time from the moment a worker calls the loaded source
 * @param heapBytes memory of the guest: in JavaScript with the engine, in Python what it takes beyond the interpreter's own
 * @param outputBytes the result's JSON text in UTF-8
 */
public record Limits(Duration wallClock, long heapBytes, int outputBytes) {

    /** Below this a guest's language engine itself does not fit. */
    public static final long SMALLEST_HEAP_BYTES = 4L << 20;

    private static final Duration LONGEST_WALL_CLOCK = Duration.ofMinutes(1);
    private static final long LARGEST_HEAP_BYTES = 256L << 20;
    private static final int LARGEST_OUTPUT_BYTES = 16 << 20;
    private static final Limits STANDARD = new Limits(Duration.ofMillis(500), 16L << 20, 64 << 10);

    public Limits {
        if (wallClock.compareTo(Duration.ofMillis(1)) < 0 || wallClock.compareTo(LONGEST_WALL_CLOCK) > 0) {
            throw new IllegalArgumentException("wallClock must be from 1 ms to 1 min, was " + wallClock);
        }
        if (heapBytes < SMALLEST_HEAP_BYTES || heapBytes > LARGEST_HEAP_BYTES) {
            throw new IllegalArgumentException("heapBytes must be from 4 MiB to 256 MiB, was " + heapBytes);
        }
        if (outputBytes < 1 || outputBytes > LARGEST_OUTPUT_BYTES) {
            throw new IllegalArgumentException("outputBytes must be from 1 to 16 MiB, was " + outputBytes);
        }
    }

    /** 500 ms, 16 MiB of memory, 64 KiB of output. */
    public static Limits standard() {
        return STANDARD;
    }

    public Limits withWallClock(Duration changed) {
        return new Limits(changed, heapBytes, outputBytes);
    }

    public Limits withHeapBytes(long changed) {
        return new Limits(wallClock, changed, outputBytes);
    }

    public Limits withOutputBytes(int changed) {
        return new Limits(wallClock, heapBytes, changed);
    }
}
