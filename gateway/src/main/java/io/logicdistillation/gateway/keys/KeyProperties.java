package io.logicdistillation.gateway.keys;

import io.logicdistillation.kit.NeededSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * @param keysFile JSON array (or one object per line) of {@code {"name","sha256","tenant","scopes"}}
 * @param keysPoll how often the file, and the revision of the database's keys, is looked at
 * @param lastUseEvery how often it is written when keys were last used
 */
@ConfigurationProperties("platform")
record KeyProperties(
        @Nullable Path keysFile,
        @DefaultValue("1s") Duration keysPoll,
        @DefaultValue("30s") Duration lastUseEvery) implements NeededSettings {
    private static final String NO_FILE = "PLATFORM_KEYS_FILE is not set: name the file of API keys";

    @Override
    public List<String> missing() {
        return keysFile == null ? List.of(NO_FILE) : List.of();
    }

    @Override
    public List<String> unusable() {
        return keysFile == null ? List.of() : KeyFile.mistake(keysFile).stream().toList();
    }

    Path requiredKeysFile() {
        if (keysFile == null) {
            throw new IllegalStateException(NO_FILE);
        }
        return keysFile;
    }
}
