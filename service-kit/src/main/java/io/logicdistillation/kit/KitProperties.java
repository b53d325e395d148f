package io.logicdistillation.kit;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * @param tokenSecret at least 32 bytes in hexadecimal, shared by the services
 * @param tokenLifetime of an internal token
 * @param largestBody of a request that is not an upload
 * @param connectTimeout of calls to other services
 * @param readTimeout of calls to other services
 * @param tlsBundle name of the bundle of {@code spring.ssl.bundle} with which other services are called by TLS: what it trusts, and
 *     the certificate that is shown, if it has one; what the JDK trusts if absent
 * @param farewell how long it still answers when it is told to stop, and sends clients away with each answer
 */
@ConfigurationProperties("platform")
public record KitProperties(
        @Nullable String tokenSecret,
        @DefaultValue("60s") Duration tokenLifetime,
        @DefaultValue("1MB") DataSize largestBody,
        @DefaultValue("1s") Duration connectTimeout,
        @DefaultValue("5s") Duration readTimeout,
        @Nullable String tlsBundle,
        @DefaultValue("0s") Duration farewell)
        implements NeededSettings {
    private static final String NO_SECRET =
            "PLATFORM_TOKEN_SECRET is not set: give every service the same 32 random bytes in hexadecimal";

    @Override
    public List<String> missing() {
        return tokenSecret == null || tokenSecret.isBlank() ? List.of(NO_SECRET) : List.of();
    }

    @Override
    public List<String> unusable() {
        return tokenSecret == null || tokenSecret.isBlank() || InternalTokens.isUsable(tokenSecret)
                ? List.of()
                : List.of("PLATFORM_TOKEN_SECRET is not 32 or more bytes in hexadecimal");
    }

    String requiredTokenSecret() {
        if (tokenSecret == null || tokenSecret.isBlank()) {
            throw new IllegalStateException(NO_SECRET);
        }
        return tokenSecret;
    }
}
