package io.logicdistillation.languagemodel;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Where an API is and who may ask it, as an operator sets it. Each service has these settings under a name and with defaults of its own; what
 * they mean is the same everywhere.
 *
 * @param property prefix of the settings, for messages to the operator
 * @param url with its {@code /v1}; absent or blank where there is no API
 * @param apiKey of the API, or
 * @param apiKeyFile a file that holds it
 * @param allowPrivateAddresses whether the API may lie in a loopback, link-local or private network
 */
public record ApiSettings(
        String property,
        @Nullable URI url,
        @Nullable String apiKey,
        @Nullable Path apiKeyFile,
        boolean allowPrivateAddresses) {
    public boolean isConfigured() {
        return url != null && !url.toString().isBlank();
    }

    /**
     * @throws IllegalStateException if the URL is none for HTTP, or names an address that is not public without leave
     * @throws UncheckedIOException if the key's file can not be read
     */
    public Endpoint endpoint() {
        return new Endpoint(
                Objects.requireNonNull(url, () -> property + ".url is not set"),
                key(),
                allowPrivateAddresses,
                property);
    }

    /** Empty where the API wants none. */
    private String key() {
        if (apiKeyFile == null || apiKeyFile.toString().isBlank()) {
            return apiKey == null ? "" : apiKey;
        }
        try {
            return Files.readString(apiKeyFile).strip();
        } catch (IOException unreadable) {
            throw new UncheckedIOException("The file of " + property + ".api-key-file can not be read", unreadable);
        }
    }

    /** Never the key. */
    @Override
    public String toString() {
        return "ApiSettings[" + property + ", url=" + url + "]";
    }
}
