package io.logicdistillation.languagemodel;

import java.net.URI;

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

    /** Never the key. */
    @Override
    public String toString() {
        return "Endpoint[url=" + url + "]";
    }
}
