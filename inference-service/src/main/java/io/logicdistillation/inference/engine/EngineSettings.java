package io.logicdistillation.inference.engine;

import java.nio.file.Path;

/**
 * @param modelFile the base model, a GGUF file
 * @param cacheFolder where converted students are kept
 * @param threads cores that one run uses
 * @param residentStudents loaded at once; the least recently used idle one leaves first
 * @param cacheBytes bound on cached keys and values, per student
 */
public record EngineSettings(Path modelFile, Path cacheFolder, int threads, int residentStudents, long cacheBytes) {
    public EngineSettings {
        if (threads < 1 || residentStudents < 1 || cacheBytes < 1) {
            throw new IllegalArgumentException("threads, residentStudents and cacheBytes must be positive");
        }
    }

    /** Two cores at most (more were never measured), four students, 256 MB of cached keys and values each. */
    public static EngineSettings of(Path modelFile, Path cacheFolder) {
        int threads = Math.clamp(Runtime.getRuntime().availableProcessors(), 1, 2);
        return new EngineSettings(modelFile, cacheFolder, threads, 4, 256L << 20);
    }
}
