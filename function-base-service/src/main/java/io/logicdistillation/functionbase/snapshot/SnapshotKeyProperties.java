package io.logicdistillation.functionbase.snapshot;

import io.logicdistillation.kit.NeededSettings;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * @param snapshotKeyFile an Ed25519 key pair in PEM, with which snapshots are signed; without it the first start makes one and keeps it
 *     in the database
 * @param trustedSnapshotKeys public keys in Base64 of other installations whose snapshots are taken
 */
@ConfigurationProperties("platform")
record SnapshotKeyProperties(
        @DefaultValue("") String snapshotKeyFile,
        @DefaultValue List<String> trustedSnapshotKeys) implements NeededSettings {
    SnapshotKeyProperties {
        trustedSnapshotKeys =
                trustedSnapshotKeys.stream().filter(key -> !key.isBlank()).toList();
    }

    @Override
    public List<String> missing() {
        return List.of();
    }

    @Override
    public List<String> unusable() {
        List<String> mistakes = new ArrayList<>();
        if (!snapshotKeyFile.isBlank() && !isUsable(() -> SigningKey.read(Path.of(snapshotKeyFile)))) {
            mistakes.add(
                    "PLATFORM_SNAPSHOT_KEY_FILE names a file that is no Ed25519 key pair in PEM, or can not be read");
        }
        for (String key : trustedSnapshotKeys) {
            if (!isUsable(() -> SigningKey.publicKey(key))) {
                mistakes.add("PLATFORM_TRUSTED_SNAPSHOT_KEYS has an entry that is no public Ed25519 key in Base64");
            }
        }
        return mistakes;
    }

    private static boolean isUsable(Runnable read) {
        try {
            read.run();
            return true;
        } catch (RuntimeException malformed) {
            return false;
        }
    }
}
