package io.logicdistillation.functionbase.snapshot;

import io.logicdistillation.contracts.SnapshotSignature;
import java.nio.file.Path;
import java.security.PublicKey;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.sql.init.dependency.DependsOnDatabaseInitialization;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * The key that signs this service's snapshots, and the keys whose snapshots it takes. Without a key file the first start makes a
 * key and keeps it in the database, so that all replicas sign with the same one. Thread-safe.
 */
@Component
@EnableConfigurationProperties(SnapshotKeyProperties.class)
@DependsOnDatabaseInitialization
public class SnapshotKeys {
    private final SigningKey own;
    private final Map<String, PublicKey> trusted = new LinkedHashMap<>();

    SnapshotKeys(JdbcClient database, SnapshotKeyProperties properties) {
        String file = properties.snapshotKeyFile();
        this.own = file.isBlank() ? kept(database) : SigningKey.read(Path.of(file));
        trusted.put(SigningKey.id(own.publicKey()), own.publicKey());
        properties.trustedSnapshotKeys().stream()
                .map(SigningKey::publicKey)
                .forEach(key -> trusted.put(SigningKey.id(key), key));
    }

    private static SigningKey kept(JdbcClient database) {
        SigningKey fresh = SigningKey.fresh();
        database.sql("INSERT INTO signing_key (private_key, public_key) VALUES (?, ?) ON CONFLICT DO NOTHING")
                .params(
                        SigningKey.encode(fresh.privateKey().getEncoded()),
                        SigningKey.encode(fresh.publicKey().getEncoded()))
                .update();
        return database.sql("SELECT private_key, public_key FROM signing_key")
                .query((row, number) -> SigningKey.of(row.getString(1), row.getString(2)))
                .single();
    }

    /** A public key as clients see it. @param own whether this service signs with it */
    record Shown(String key, String algorithm, String publicKey, boolean own) {}

    List<Shown> shown() {
        return trusted.entrySet().stream()
                .map(each -> new Shown(
                        each.getKey(),
                        SigningKey.ALGORITHM,
                        SigningKey.encode(each.getValue().getEncoded()),
                        each.getValue().equals(own.publicKey())))
                .toList();
    }

    public SnapshotSignature sign(String hash) {
        return own.sign(hash);
    }

    /** Whether one of the trusted keys made the signature. */
    public boolean vouches(@Nullable SnapshotSignature signature, String hash) {
        if (signature == null || !SigningKey.ALGORITHM.equals(signature.algorithm())) {
            return false;
        }
        PublicKey key = signature.key() == null ? null : trusted.get(signature.key());
        return key != null && signature.value() != null && SigningKey.verifies(key, hash, signature.value());
    }
}
