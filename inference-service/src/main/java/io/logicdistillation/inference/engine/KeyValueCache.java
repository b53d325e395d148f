package io.logicdistillation.inference.engine;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Keys and values that come again: blocks by the text they stand for, and workspaces with the composition they hold.
 * Each kind gets half of the bytes; the least recently used leaves first.
 *
 * <p>Not thread-safe but for {@link #statistics()}; the holder of the model's turn uses it.
 */
final class KeyValueCache implements AutoCloseable {
    private static final int GRANULE = 64;

    private final ModelShape shape;
    private final long bytesOfEachKind;
    private final IntFunction<Workspace> newWorkspace;
    private final Map<String, KeyValueBlock> blocks = new LinkedHashMap<>(16, 0.75f, true);
    private final Deque<Workspace> workspaces = new ArrayDeque<>();
    private long blockBytes;
    private long workspaceBytes;
    private long hits;
    private long misses;
    private volatile CacheStatistics statistics = new CacheStatistics(0, 0, 0);

    KeyValueCache(ModelShape shape, long bytes, IntFunction<Workspace> newWorkspace) {
        this.shape = shape;
        this.bytesOfEachKind = bytes / 2;
        this.newWorkspace = newWorkspace;
    }

    /** The block of this name, computed and kept if it is not there. */
    KeyValueBlock block(String name, Supplier<KeyValueBlock> compute) {
        KeyValueBlock found = blocks.get(name);
        if (found != null) {
            hits++;
            return found;
        }
        misses++;
        KeyValueBlock computed = compute.get();
        blocks.put(name, computed);
        blockBytes += computed.bytes();
        return computed;
    }

    /** A workspace that holds exactly these blocks and has this much room; null if there is none. */
    @Nullable
    Workspace composed(List<String> contents, int capacity) {
        for (Iterator<Workspace> all = workspaces.iterator(); all.hasNext(); ) {
            Workspace workspace = all.next();
            if (workspace.capacity() >= capacity && workspace.contents().equals(contents)) {
                all.remove();
                workspaces.addFirst(workspace);
                hits++;
                return workspace;
            }
        }
        return null;
    }

    /** A workspace of this much room at least, whatever it holds. */
    Workspace workspace(int capacity) {
        int rounded = (capacity + GRANULE - 1) / GRANULE * GRANULE;
        long needed = Workspace.bytes(shape, rounded);
        Workspace reused = null;
        while (workspaceBytes + needed > bytesOfEachKind && !workspaces.isEmpty() && reused == null) {
            Workspace oldest = workspaces.removeLast();
            if (oldest.capacity() == rounded) {
                reused = oldest;
            } else {
                workspaceBytes -= oldest.bytes();
                oldest.close();
            }
        }
        if (reused == null) {
            reused = newWorkspace.apply(rounded);
            workspaceBytes += reused.bytes();
        }
        workspaces.addFirst(reused);
        return reused;
    }

    /** Lets go of what is too much; called between runs, so that nothing in use is freed. */
    void trim() {
        List<String> leaving = new ArrayList<>();
        long remaining = blockBytes;
        for (Map.Entry<String, KeyValueBlock> block : blocks.entrySet()) {
            if (remaining <= bytesOfEachKind) {
                break;
            }
            remaining -= block.getValue().bytes();
            leaving.add(block.getKey());
        }
        for (String name : leaving) {
            KeyValueBlock block = blocks.remove(name);
            if (block != null) {
                block.close();
            }
        }
        blockBytes = remaining;
        statistics = new CacheStatistics(hits, misses, blockBytes + workspaceBytes);
    }

    /** As of the last completed call; from any thread. */
    CacheStatistics statistics() {
        return statistics;
    }

    @Override
    public void close() {
        blocks.values().forEach(KeyValueBlock::close);
        workspaces.forEach(Workspace::close);
        blocks.clear();
        workspaces.clear();
    }
}
