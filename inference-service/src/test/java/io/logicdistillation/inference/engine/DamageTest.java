package io.logicdistillation.inference.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.logicdistillation.kit.Sha256;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One flipped bit anywhere is noticed before it can change an answer. */
class DamageTest {
    @TempDir
    Path folder;

    @Test
    void refusesADamagedBaseModel() throws IOException {
        Path copy = folder.resolve("model.gguf");
        Files.copy(EngineFixture.modelFile(), copy, StandardCopyOption.REPLACE_EXISTING);
        flipBit(copy, 50_000_000);
        EngineSettings settings = EngineSettings.of(copy, folder.resolve("cache"));
        try (StudentEngines engines = new StudentEngines(settings)) {
            assertRefused(() -> engines.lease(EngineFixture.UNTUNED), EngineException.Kind.BASE_MODEL, "SHA-256");
            assertThat(engines.resident()).isEmpty();
        }
    }

    @Test
    void saysWhichBaseModelIsMissing() {
        EngineSettings settings = EngineSettings.of(folder.resolve("nowhere.gguf"), folder.resolve("cache"));
        try (StudentEngines engines = new StudentEngines(settings)) {
            assertRefused(() -> engines.lease(EngineFixture.UNTUNED), EngineException.Kind.BASE_MODEL, "nowhere.gguf");
        }
    }

    @Test
    void refusesADamagedPackage() throws IOException {
        Path student = copyOfUntuned();
        flipBit(student.resolve("activations.safetensors"), 100_000);
        assertRefused(
                () -> StudentPackage.load(student), EngineException.Kind.STUDENT_PACKAGE, "activations.safetensors");
    }

    @Test
    void refusesAPackageThatWasDamagedAfterItWasRead() throws IOException {
        StudentPackage student = StudentPackage.load(copyOfUntuned());
        flipBit(student.activations(), 100_000);
        assertRefused(
                () -> ConvertedStudent.graph(EngineFixture.base(), student, Numerics.INT8, folder.resolve("cache")),
                EngineException.Kind.STUDENT_PACKAGE,
                "activations.safetensors");
        assertThat(folder.resolve("cache")).isEmptyDirectory();
    }

    @Test
    void convertsAgainWhatWasDamagedInTheCache() throws IOException {
        Path cache = folder.resolve("cache");
        Path graph = ConvertedStudent.graph(EngineFixture.base(), EngineFixture.UNTUNED, Numerics.INT8, cache);
        Path weights = graph.resolveSibling("weights.bin");
        String sound = Sha256.of(weights);
        flipBit(weights, 70_000_000);
        assertThat(Sha256.of(weights)).isNotEqualTo(sound);
        ConvertedStudent.graph(EngineFixture.base(), EngineFixture.UNTUNED, Numerics.INT8, cache);
        assertThat(Sha256.of(weights)).isEqualTo(sound);
        assertThat(cache).isDirectoryContaining(path -> path.equals(graph.getParent()));
        assertThat(cache.toFile().list()).hasSize(1);
    }

    @Test
    void refusesAManifestThatIsNotOne() {
        for (String manifest : new String[] {"", "[]", "{}", "null", "{\"format\":2}", "not json"}) {
            assertRefused(
                    () -> StudentPackage.parse(manifest.getBytes(java.nio.charset.StandardCharsets.UTF_8)),
                    EngineException.Kind.STUDENT_PACKAGE,
                    "manifest");
        }
    }

    private Path copyOfUntuned() throws IOException {
        Path student = Files.createDirectory(folder.resolve("student"));
        for (String name : new String[] {"manifest.json", "activations.safetensors"}) {
            Files.copy(EngineFixture.resource("untuned").resolve(name), student.resolve(name));
        }
        return student;
    }

    private static void flipBit(Path file, long at) throws IOException {
        try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "rw")) {
            bytes.seek(at);
            int value = bytes.read();
            bytes.seek(at);
            bytes.write(value ^ 0x10);
        }
    }

    private static void assertRefused(Runnable action, EngineException.Kind kind, String named) {
        assertThatThrownBy(action::run)
                .isInstanceOfSatisfying(
                        EngineException.class,
                        refused -> assertThat(refused.kind()).isEqualTo(kind))
                .hasMessageContaining(named);
    }
}
