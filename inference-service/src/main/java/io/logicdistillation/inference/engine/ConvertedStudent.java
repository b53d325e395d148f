package io.logicdistillation.inference.engine;

import io.logicdistillation.kit.Sha256;
import java.io.IOException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The folder that keeps a student's graph: adapter merged, smoothed, quantised. Named by the hash of all that went in,
 * written in full before it gets that name, and verified each time it is used; a damaged one is made again.
 */
final class ConvertedStudent {
    /** Part of the folder's name: a change of the graph or of the arithmetic needs another number. */
    private static final int ENGINE_FORMAT = 2;

    /**
     * A last projection whose largest smoothed input is more than so many times the median keeps its full precision. Four of thirty
     * layers of the bundled students do, which takes back a third of what eight bits cost a reading margin.
     */
    private static final double WIDEST_SPREAD = 10;

    private static final String GRAPH = "decoder.onnx";
    private static final String WEIGHTS = "weights.bin";
    private static final String SUMS = "files.sha256";

    private ConvertedStudent() {}

    /** The path of the student's graph, converted now if need be. */
    static Path graph(BaseModel base, StudentPackage student, Numerics numerics, Path cacheFolder) {
        Path folder = cacheFolder.resolve(key(base, student, numerics));
        try {
            if (!isIntact(folder)) {
                Files.createDirectories(cacheFolder);
                Path fresh = Files.createTempDirectory(cacheFolder, "converting-");
                try {
                    convert(base, student, numerics, fresh);
                    replace(folder, fresh);
                } finally {
                    delete(fresh);
                }
            }
            return folder.resolve(GRAPH);
        } catch (IOException e) {
            throw new EngineException(
                    EngineException.Kind.RUNTIME, "cannot write the converted student to " + folder, e);
        }
    }

    /** What is loaded from it goes on; whoever needs it again has it converted again. */
    static void remove(BaseModel base, StudentPackage student, Numerics numerics, Path cacheFolder) {
        Path folder = cacheFolder.resolve(key(base, student, numerics));
        try {
            delete(folder);
        } catch (IOException e) {
            throw new EngineException(EngineException.Kind.RUNTIME, "cannot remove the converted student " + folder, e);
        }
    }

    private static String key(BaseModel base, StudentPackage student, Numerics numerics) {
        StudentManifest manifest = student.manifest();
        StudentManifest.PackagedFile adapter = manifest.files().adapter();
        String parts = "%d %s %s %s %s %s"
                .formatted(
                        ENGINE_FORMAT,
                        numerics,
                        base.sha256(),
                        adapter == null ? "none" : adapter.sha256(),
                        manifest.lora(),
                        manifest.files().activations().sha256());
        return Sha256.of(parts);
    }

    private static boolean isIntact(Path folder) throws IOException {
        Path sums = folder.resolve(SUMS);
        return Files.isRegularFile(sums) && Files.readString(sums).equals(sums(folder));
    }

    private static String sums(Path folder) throws IOException {
        StringBuilder lines = new StringBuilder();
        for (String name : List.of(GRAPH, WEIGHTS)) {
            Path file = folder.resolve(name);
            lines.append(Files.isRegularFile(file) ? Sha256.of(file) : "missing")
                    .append("  ")
                    .append(name)
                    .append('\n');
        }
        return lines.toString();
    }

    private static void convert(BaseModel base, StudentPackage student, Numerics numerics, Path folder)
            throws IOException {
        StudentManifest manifest = student.manifest();
        StudentManifest.PackagedFile packaged = manifest.files().adapter();
        @Nullable
        Safetensors adapter = student.adapter() == null || packaged == null
                ? null
                : Safetensors.read(student.adapter(), packaged.sha256());
        Safetensors activations = Safetensors.read(
                student.activations(), manifest.files().activations().sha256());
        try (WeightFile weights = new WeightFile(folder.resolve(WEIGHTS))) {
            DecoderGraph graph = new DecoderGraph(base.shape(), numerics, weights);
            for (int layer = 0; layer < base.shape().layers(); layer++) {
                LayerWeights layerWeights = LayerWeights.read(base.file(), base.shape(), layer);
                layerWeights.merge(adapter, manifest.lora(), layer);
                double spread = layerWeights.smooth(activations, layer);
                graph.add(layer, layerWeights, spread > WIDEST_SPREAD);
            }
            Files.write(
                    folder.resolve(GRAPH),
                    graph.finish(base.file().tensor("output_norm.weight").read()));
        }
        Files.writeString(folder.resolve(SUMS), sums(folder));
    }

    /** Another process may have been faster: then its folder, if intact, is as good as this one. */
    private static void replace(Path folder, Path fresh) throws IOException {
        if (Files.exists(folder)) {
            if (isIntact(folder)) {
                return;
            }
            Path damaged = Files.createTempDirectory(folder.getParent(), "damaged-");
            move(folder, damaged.resolve("files"));
            delete(damaged);
        }
        move(fresh, folder);
    }

    private static void move(Path from, Path to) throws IOException {
        try {
            Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
        } catch (AtomicMoveNotSupportedException e) {
            Files.move(from, to);
        }
    }

    private static void delete(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return;
        }
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path path : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
