package io.logicdistillation.client;

import java.net.URI;
import java.time.Duration;

/** Where a platform is and with which key; what the APIs of {@code io.logicdistillation.client.api} are made with. */
public final class Platform {
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(60);

    private Platform() {}

    /**
     * A client of one platform; thread-safe once made.
     *
     * @param gateway for example {@code http://127.0.0.1:8080}
     * @param key an API key, or a token of the platform's OpenID Connect issuer
     */
    public static ApiClient connect(URI gateway, String key) {
        ApiClient client = new ApiClient();
        String address = gateway.toString();
        client.updateBaseUri(address.endsWith("/") ? address.substring(0, address.length() - 1) : address);
        client.setReadTimeout(LONGEST_WAIT);
        client.setRequestInterceptor(request -> request.setHeader("Authorization", "Bearer " + key));
        return client;
    }
}
