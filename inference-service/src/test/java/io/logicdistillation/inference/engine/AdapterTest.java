package io.logicdistillation.inference.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.logicdistillation.kit.Sha256;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Adapters are added to the right weights, the right way round. */
class AdapterTest {
    private static final List<String> MODULES = List.of(
            "self_attn.q_proj",
            "self_attn.k_proj",
            "self_attn.v_proj",
            "self_attn.o_proj",
            "mlp.gate_proj",
            "mlp.up_proj",
            "mlp.down_proj");

    @TempDir
    Path folder;

    @Test
    void addsTheScaledProductToEveryProjection() throws IOException {
        Path file = write(1, 2, Float.NaN, -1);
        Safetensors adapter = Safetensors.read(file, Sha256.of(file));
        BaseModel base = EngineFixture.base();
        List<Matrix> before = projections(LayerWeights.read(base.file(), base.shape(), 0));
        LayerWeights merged = LayerWeights.read(base.file(), base.shape(), 0);
        merged.merge(adapter, new StudentManifest.Lora(2, 6), 0);
        List<Matrix> after = projections(merged);
        for (int module = 0; module < MODULES.size(); module++) {
            Matrix was = before.get(module);
            for (int i = 0; i < was.values().length; i += 997) {
                int row = i / was.columns();
                int column = i % was.columns();
                double product = 0;
                for (int r = 0; r < 2; r++) {
                    product += value(module, 1, row * 2 + r) * value(module, 0, r * was.columns() + column);
                }
                assertThat((double) after.get(module).values()[i])
                        .as("%s [%d, %d]", MODULES.get(module), row, column)
                        .isCloseTo(was.values()[i] + 3 * product, within(1e-5));
            }
        }
    }

    @Test
    void refusesAnAdapterOfAnotherShape() throws IOException {
        Path file = write(1, 2, Float.NaN, -1);
        Safetensors adapter = Safetensors.read(file, Sha256.of(file));
        LayerWeights weights = LayerWeights.read(
                EngineFixture.base().file(), EngineFixture.base().shape(), 0);
        assertThatThrownBy(() -> weights.merge(adapter, new StudentManifest.Lora(4, 6), 0))
                .isInstanceOf(EngineException.class)
                .hasMessageContaining("lora_A");
        assertThatThrownBy(() -> weights.merge(adapter, new StudentManifest.Lora(2, 6), 1))
                .isInstanceOf(EngineException.class)
                .hasMessageContaining("is missing");
    }

    @Test
    void saysSoWhenAStudentAnswersWithNoNumber() throws IOException {
        Path file = write(EngineFixture.base().shape().layers(), 1, Float.NaN, 3);
        StudentManifest untuned = EngineFixture.UNTUNED.manifest();
        StudentManifest manifest = new StudentManifest(
                1,
                "broken",
                untuned.task(),
                untuned.base(),
                new StudentManifest.Files(
                        new StudentManifest.PackagedFile("adapter.safetensors", Sha256.of(file), Files.size(file)),
                        untuned.files().activations()),
                new StudentManifest.Lora(1, 1),
                untuned.prompt(),
                "reading",
                null,
                null,
                null);
        StudentPackage broken = new StudentPackage("broken", manifest, file, EngineFixture.UNTUNED.activations());
        try (LoadedStudent student = LoadedStudent.load(
                broken,
                EngineFixture.base(),
                EngineFixture.settings(folder.resolve("cache")),
                new ReentrantLock(true))) {
            ScoringRequest request =
                    EngineFixture.request(EngineFixture.golden().get("cases").get(0), Way.READING);
            assertThatThrownBy(() -> student.score(request))
                    .isInstanceOfSatisfying(
                            EngineException.class,
                            refused -> assertThat(refused.kind()).isEqualTo(EngineException.Kind.NOT_A_NUMBER))
                    .hasMessageContaining("broken");
        }
    }

    private static List<Matrix> projections(LayerWeights w) {
        return List.of(w.query(), w.key(), w.value(), w.output(), w.gate(), w.up(), w.down());
    }

    private static float value(int module, int part, int index) {
        return ((index * 7 + module * 3 + part * 5) % 16 - 8) / 32f;
    }

    /** An adapter of made-up values; one value of {@code oddLayer} is replaced. */
    private Path write(int layers, int rank, float odd, int oddLayer) throws IOException {
        List<String> header = new ArrayList<>();
        ByteBuffer data = ByteBuffer.allocate(8 << 20).order(ByteOrder.LITTLE_ENDIAN);
        List<Matrix> shapes = projections(LayerWeights.read(
                EngineFixture.base().file(), EngineFixture.base().shape(), 0));
        for (int layer = 0; layer < layers; layer++) {
            for (int module = 0; module < MODULES.size(); module++) {
                for (int part = 0; part < 2; part++) {
                    int rows = part == 0 ? rank : shapes.get(module).rows();
                    int columns = part == 0 ? shapes.get(module).columns() : rank;
                    int from = data.position();
                    for (int i = 0; i < rows * columns; i++) {
                        float value = oddLayer >= 0 ? 0 : value(module, part, i);
                        data.putShort(Float.floatToFloat16(layer == oddLayer && i == 0 ? odd : value));
                    }
                    header.add(
                            "\"base_model.model.model.layers.%d.%s.lora_%s.weight\":{\"dtype\":\"F16\",\"shape\":[%d,%d],\"data_offsets\":[%d,%d]}"
                                    .formatted(
                                            layer,
                                            MODULES.get(module),
                                            part == 0 ? "A" : "B",
                                            rows,
                                            columns,
                                            from,
                                            data.position()));
                }
            }
        }
        byte[] json = ("{" + String.join(",", header) + "}").getBytes(StandardCharsets.UTF_8);
        ByteBuffer all =
                ByteBuffer.allocate(Long.BYTES + json.length + data.position()).order(ByteOrder.LITTLE_ENDIAN);
        all.putLong(json.length).put(json).put(data.flip());
        return Files.write(folder.resolve("adapter-" + layers + ".safetensors"), all.array());
    }
}
