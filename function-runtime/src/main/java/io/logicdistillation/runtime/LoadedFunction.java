package io.logicdistillation.runtime;

import java.util.Set;

/** A source that has been loaded: the state of a sandbox right after, from which every call of it starts. */
record LoadedFunction(MemoryImage image, int stackPointer, Set<EntryPoint> entryPoints) {

    LoadedFunction {
        entryPoints = Set.copyOf(entryPoints);
    }
}
