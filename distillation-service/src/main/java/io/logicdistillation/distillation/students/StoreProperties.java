package io.logicdistillation.distillation.students;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;

/** @param dataDir the folder in which artifacts lie */
@ConfigurationProperties("platform")
public record StoreProperties(@Nullable Path dataDir) {
    public Path requiredDataDir() {
        if (dataDir == null || dataDir.toString().isBlank()) {
            throw new IllegalStateException("PLATFORM_DATA_DIR is not set: name a folder for students' files");
        }
        return dataDir;
    }
}
