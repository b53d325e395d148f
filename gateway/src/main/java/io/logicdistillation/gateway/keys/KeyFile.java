package io.logicdistillation.gateway.keys;

import io.logicdistillation.gateway.callers.Credentials;
import io.logicdistillation.gateway.callers.Recognised;
import io.logicdistillation.kit.WireJson;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.annotation.Order;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * The keys of {@code PLATFORM_KEYS_FILE}, read again when the file's content changes. A file that can not be read keeps the
 * keys that were there: a slip in an editor must not lock everybody out. Thread-safe.
 */
@Component
@Order(1)
class KeyFile implements Credentials {
    private static final Logger log = LoggerFactory.getLogger(KeyFile.class);
    private static final String UNREADABLE = "PLATFORM_KEYS_FILE can not be read: ";

    private final Path path;
    private final JsonMapper json;
    private volatile Loaded loaded;

    /** @throws IllegalStateException if there is no readable file of keys to start with */
    KeyFile(KeyProperties properties, JsonMapper json) {
        this.path = properties.requiredKeysFile();
        this.json = json;
        try {
            this.loaded = load(json, Files.readString(path));
        } catch (IOException | JacksonException | IllegalArgumentException failure) {
            throw new IllegalStateException(UNREADABLE + reason(failure), failure);
        }
        log.info("{} API keys from {}", loaded.keys.size(), path);
    }

    /** What is wrong with a file of keys, for whoever starts the gateway; empty if nothing is. */
    static Optional<String> mistake(Path path) {
        try {
            load(WireJson.strict(JsonMapper.builder()).build(), Files.readString(path));
            return Optional.empty();
        } catch (IOException | JacksonException | IllegalArgumentException failure) {
            return Optional.of(UNREADABLE + reason(failure));
        }
    }

    @Override
    public @Nullable Recognised find(String bearer) {
        return loaded.keys.find(bearer);
    }

    ApiKeys keys() {
        return loaded.keys;
    }

    /** By content, not by time of change: mounted secrets change by a swapped link, and some file systems count in seconds. */
    @Scheduled(fixedDelayString = "${platform.keys-poll:1s}")
    void reload() {
        try {
            String text = Files.readString(path);
            if (!text.equals(loaded.text)) {
                loaded = load(json, text);
                log.info("{} API keys after a change of {}", loaded.keys.size(), path);
            }
        } catch (IOException | JacksonException | IllegalArgumentException failure) {
            log.warn("The keys stay as they were, the file can not be read: {}", reason(failure));
        }
    }

    private static Loaded load(JsonMapper json, String text) {
        String content = text.strip();
        List<ApiKey> keys = content.startsWith("[")
                ? Arrays.asList(json.readValue(content, ApiKey[].class))
                : content.lines()
                        .filter(line -> !line.isBlank())
                        .map(line -> json.readValue(line, ApiKey.class))
                        .toList();
        return new Loaded(text, new ApiKeys(keys));
    }

    /** Where it went wrong, without quoting the file. */
    private static String reason(Exception failure) {
        return failure instanceof JacksonException malformed
                ? malformed.getOriginalMessage().lines().findFirst().orElse("not JSON")
                : failure.toString();
    }

    private record Loaded(String text, ApiKeys keys) {}
}
