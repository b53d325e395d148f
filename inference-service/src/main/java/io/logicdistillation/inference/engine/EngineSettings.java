package io.logicdistillation.inference.engine;

import java.nio.file.Path;

/**
 * Where students are loaded from and what they may take.
 *
 * @param modelFile the base model, a GGUF file
 * @param cacheFolder where converted students are kept
 * @param threads cores that one run uses
 * @param residentStudents loaded at once; the least recently used idle one leaves first
 * @param cacheBytes bound on cached keys and values, per student
 * @param numerics of all students; eight bits serve, full precision is for comparisons
 * @param rememberedScores kept for questions that come again, per student; none where what is wanted is that they are computed
 */
public record EngineSettings(
        Path modelFile,
        Path cacheFolder,
        int threads,
        int residentStudents,
        long cacheBytes,
        Numerics numerics,
        int rememberedScores) {
    public EngineSettings {
        if (threads < 1 || residentStudents < 1 || cacheBytes < 1 || rememberedScores < 0) {
            throw new IllegalArgumentException("threads, residentStudents and cacheBytes must be positive");
        }
    }

    public EngineSettings(
            Path modelFile, Path cacheFolder, int threads, int residentStudents, long cacheBytes, Numerics numerics) {
        this(modelFile, cacheFolder, threads, residentStudents, cacheBytes, numerics, 0);
    }

    public EngineSettings(Path modelFile, Path cacheFolder, int threads, int residentStudents, long cacheBytes) {
        this(modelFile, cacheFolder, threads, residentStudents, cacheBytes, Numerics.INT8);
    }

    /** Two cores at most (more were never measured), four students, 256 MB of cached keys and values each. */
    public static EngineSettings of(Path modelFile, Path cacheFolder) {
        int threads = Math.clamp(Runtime.getRuntime().availableProcessors(), 1, 2);
        return new EngineSettings(modelFile, cacheFolder, threads, 4, 256L << 20);
    }
}
