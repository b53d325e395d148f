package io.logicdistillation.kit;

import java.time.Duration;
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
 * @param farewell how long it still answers when it is told to stop, and sends clients away with each answer
 */
@ConfigurationProperties("platform")
public record KitProperties(
        @Nullable String tokenSecret,
        @DefaultValue("60s") Duration tokenLifetime,
        @DefaultValue("1MB") DataSize largestBody,
        @DefaultValue("1s") Duration connectTimeout,
        @DefaultValue("5s") Duration readTimeout,
        @DefaultValue("0s") Duration farewell) {
    String requiredTokenSecret() {
        if (tokenSecret == null || tokenSecret.isBlank()) {
            throw new IllegalStateException(
                    "PLATFORM_TOKEN_SECRET is not set: give every service the same 32 random bytes in hexadecimal");
        }
        return tokenSecret;
    }
}
