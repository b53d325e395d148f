package io.logicdistillation.inference.decisions;

import io.logicdistillation.kit.Sha256;
import io.logicdistillation.kit.WireJson;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** Tells two requests apart, whatever the order of their members. Thread-safe. */
final class RequestHashes {
    private final JsonMapper sorted = WireJson.lenient()
            .rebuild()
            .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
            .build();

    String of(String task, Object request) {
        MessageDigest digest = Sha256.digest();
        digest.update(task.getBytes(StandardCharsets.UTF_8));
        digest.update((byte) '\n');
        return Sha256.hex(digest.digest(sorted.writeValueAsBytes(request)));
    }
}
