package io.logicdistillation.inference.students;

import io.logicdistillation.kit.NeededSettings;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;

/** What this process needs to score by itself. @param modelFile the base model, a GGUF file */
@ConfigurationProperties("inference.students")
record BaseModelProperties(@Nullable Path modelFile) implements NeededSettings {
    private static final byte[] MAGIC = "GGUF".getBytes(StandardCharsets.US_ASCII);

    @Override
    public List<String> missing() {
        return isGiven() ? List.of() : List.of("PLATFORM_MODEL_FILE is not set: name the base model's GGUF file");
    }

    @Override
    public List<String> unusable() {
        if (modelFile == null || !isGiven()) {
            return List.of();
        }
        try (InputStream file = Files.newInputStream(modelFile)) {
            return Arrays.equals(file.readNBytes(MAGIC.length), MAGIC)
                    ? List.of()
                    : List.of("PLATFORM_MODEL_FILE names " + modelFile + ", which is no GGUF file");
        } catch (IOException unreadable) {
            return List.of("PLATFORM_MODEL_FILE names " + modelFile + ", which can not be read");
        }
    }

    private boolean isGiven() {
        return modelFile != null && !modelFile.toString().isBlank();
    }
}
