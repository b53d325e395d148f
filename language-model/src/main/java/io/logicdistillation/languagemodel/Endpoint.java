package io.logicdistillation.languagemodel;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Where an OpenAI-compatible API is.
 *
 * @param url with its {@code /v1}
 * @param key empty where the API wants none
 * @param allowPrivateAddresses whether it may lie in a loopback, link-local or private network
 * @param property prefix of the settings that say all this, for messages to the operator
 */
public record Endpoint(URI url, String key, boolean allowPrivateAddresses, String property) {
    /** @throws IllegalStateException if the URL is none for HTTP, or names an address that is not public without leave */
    public Endpoint {
        PublicAddresses.check(url, allowPrivateAddresses, property);
    }

    /**
     * The key itself, or the one in a file; empty where there is neither.
     *
     * @throws UncheckedIOException if the file can not be read
     */
    public static String key(@Nullable String key, @Nullable Path file, String property) {
        if (file == null || file.toString().isBlank()) {
            return key == null ? "" : key;
        }
        try {
            return Files.readString(file).strip();
        } catch (IOException unreadable) {
            throw new UncheckedIOException("The file of " + property + ".api-key-file can not be read", unreadable);
        }
    }

    /** Never the key. */
    @Override
    public String toString() {
        return "Endpoint[url=" + url + "]";
    }
}
