package io.logicdistillation.gateway.keys;

import io.logicdistillation.kit.Caller;
import io.logicdistillation.kit.Scope;
import java.util.HexFormat;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * What is stored of an API key: never the key itself.
 *
 * @param sha256 of the whole key's UTF-8 bytes, 64 hexadecimal digits
 */
record ApiKey(String name, String sha256, String tenant, Set<String> scopes) {
    private static final int DIGEST_BYTES = 32;

    ApiKey {
        if (name == null || name.isBlank() || tenant == null || tenant.isBlank() || sha256 == null || scopes == null) {
            throw new IllegalArgumentException("A key needs name, sha256, tenant and scopes");
        }
        if (HexFormat.of().parseHex(sha256).length != DIGEST_BYTES) {
            throw new IllegalArgumentException("sha256 of key '" + name + "' is not 64 hexadecimal digits");
        }
        scopes = Set.copyOf(new TreeSet<>(scopes));
        scopes.forEach(Scope::of);
    }

    byte[] digest() {
        return HexFormat.of().parseHex(sha256);
    }

    Caller caller() {
        return new Caller(tenant, name, scopes.stream().map(Scope::of).collect(Collectors.toSet()));
    }
}
