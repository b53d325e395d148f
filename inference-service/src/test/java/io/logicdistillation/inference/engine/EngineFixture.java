package io.logicdistillation.inference.engine;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The base model and the untuned student, loaded once for all tests, in both arithmetics. */
final class EngineFixture {
    static final StudentPackage UNTUNED = StudentPackage.load(resource("untuned"));
    private static final Path CACHE = Path.of("target", "engine-models");

    private static @Nullable BaseModel base;
    private static @Nullable LoadedStudent fp32;
    private static @Nullable LoadedStudent int8;

    private EngineFixture() {}

    static Path modelFile() {
        String file = System.getProperty("PLATFORM_MODEL_FILE", System.getenv("PLATFORM_MODEL_FILE"));
        if (file == null || file.isBlank()) {
            throw new IllegalStateException(
                    "PLATFORM_MODEL_FILE must name the base model's GGUF file; './platform test' sets it");
        }
        return Path.of(file);
    }

    static Path resource(String name) {
        try {
            return Path.of(EngineFixture.class.getResource("/engine/" + name).toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    static EngineSettings settings(Path cacheFolder) {
        return EngineSettings.of(modelFile(), cacheFolder);
    }

    static synchronized BaseModel base() {
        if (base == null) {
            base = BaseModel.open(modelFile(), UNTUNED.manifest().base().sha256());
        }
        return base;
    }

    static synchronized LoadedStudent fp32() {
        if (fp32 == null) {
            fp32 = load(Numerics.FP32);
        }
        return fp32;
    }

    static synchronized LoadedStudent int8() {
        if (int8 == null) {
            int8 = load(Numerics.INT8);
        }
        return int8;
    }

    private static LoadedStudent load(Numerics numerics) {
        EngineSettings settings = new EngineSettings(modelFile(), CACHE, 2, 1, 256L << 20, numerics);
        return LoadedStudent.load(UNTUNED, base(), settings, new ReentrantLock(true));
    }

    static JsonNode golden() {
        try (InputStream in = EngineFixture.class.getResourceAsStream("/engine/golden.json")) {
            return JsonMapper.shared().readTree(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static ScoringRequest request(JsonNode goldenCase, Way way) {
        List<Entry> entries = new ArrayList<>();
        for (JsonNode entry : goldenCase.get("entries")) {
            entries.add(new Entry(
                    entry.get("name").asString(),
                    entry.get("handle").asString(),
                    entry.get("manual").asString()));
        }
        return new ScoringRequest(
                "any",
                goldenCase.get("prefixText").asString(),
                goldenCase.get("view").asString(),
                entries,
                way);
    }

    static int[] ints(JsonNode array) {
        return array.valueStream().mapToInt(JsonNode::asInt).toArray();
    }

    static double[] doubles(JsonNode array) {
        return array.valueStream().mapToDouble(JsonNode::asDouble).toArray();
    }
}
