package io.logicdistillation.inference.engine;

import io.logicdistillation.kit.Sha256;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A small safetensors file (an adapter, activation maxima), read whole. */
final class Safetensors {
    private static final JsonMapper JSON = JsonMapper.shared();

    private final Path path;
    private final Map<String, JsonNode> entries = new HashMap<>();
    private final ByteBuffer data;

    private Safetensors(Path path, byte[] bytes) {
        this.path = path;
        ByteBuffer all = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        long headerLength = bytes.length < Long.BYTES ? -1 : all.getLong();
        if (headerLength < 0 || headerLength > all.remaining()) {
            throw refused("it is not a safetensors file");
        }
        try {
            JSON.readTree(bytes, Long.BYTES, (int) headerLength)
                    .properties()
                    .forEach(property -> entries.put(property.getKey(), property.getValue()));
        } catch (JacksonException e) {
            throw new EngineException(EngineException.Kind.STUDENT_PACKAGE, path + ": its header does not parse", e);
        }
        this.data = all.position(Long.BYTES + (int) headerLength).slice().order(ByteOrder.LITTLE_ENDIAN);
    }

    /** Reads the file, which must have this SHA-256. */
    static Safetensors read(Path path, String sha256) {
        byte[] bytes;
        try {
            bytes = Files.readAllBytes(path);
        } catch (IOException e) {
            throw new EngineException(EngineException.Kind.STUDENT_PACKAGE, "cannot read " + path, e);
        }
        if (!Sha256.of(bytes).equals(sha256)) {
            throw new EngineException(
                    EngineException.Kind.STUDENT_PACKAGE, path + " is damaged: its SHA-256 is not the manifest's");
        }
        return new Safetensors(path, bytes);
    }

    /** The tensor's values, row by row; it must have exactly this shape. */
    float[] read(String name, int... shape) {
        JsonNode entry = entries.get(name);
        if (entry == null) {
            throw refused(name + " is missing");
        }
        int count = 1;
        JsonNode declared = entry.get("shape");
        boolean fits = declared != null && declared.size() == shape.length;
        for (int i = 0; i < shape.length; i++) {
            fits = fits && declared != null && declared.get(i).asInt() == shape[i];
            count *= shape[i];
        }
        String type = entry.path("dtype").asString();
        int width = "F32".equals(type) ? Float.BYTES : Short.BYTES;
        int from = entry.path("data_offsets").path(0).asInt();
        int to = entry.path("data_offsets").path(1).asInt();
        if (!fits || to - from != count * width || from < 0 || to > data.capacity()) {
            throw refused("%s has the shape %s where the base model needs %s"
                    .formatted(name, declared, Arrays.toString(shape)));
        }
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = switch (type) {
                case "F32" -> data.getFloat(from + i * Float.BYTES);
                case "F16" -> Float.float16ToFloat(data.getShort(from + i * Short.BYTES));
                case "BF16" -> Float.intBitsToFloat(data.getShort(from + i * Short.BYTES) << 16);
                default -> throw refused(name + " is of the unknown type " + type);
            };
        }
        return values;
    }

    private EngineException refused(String why) {
        return new EngineException(EngineException.Kind.STUDENT_PACKAGE, "%s: %s".formatted(path, why));
    }
}
