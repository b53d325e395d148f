package io.logicdistillation.functionbase.snapshot;

import io.logicdistillation.contracts.SnapshotSignature;
import io.logicdistillation.kit.Sha256;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** An Ed25519 key pair and what it signs. Immutable. */
record SigningKey(PrivateKey privateKey, PublicKey publicKey) {
    static final String ALGORITHM = "Ed25519";
    private static final Pattern PEM =
            Pattern.compile("-----BEGIN (PRIVATE|PUBLIC) KEY-----([^-]+)-----END \\1 KEY-----");

    static SigningKey fresh() {
        try {
            KeyPair pair = KeyPairGenerator.getInstance(ALGORITHM).generateKeyPair();
            return new SigningKey(pair.getPrivate(), pair.getPublic());
        } catch (GeneralSecurityException everyJdkHasIt) {
            throw new IllegalStateException(everyJdkHasIt);
        }
    }

    /** @throws IllegalArgumentException if these are no Ed25519 keys, or do not belong together */
    static SigningKey of(String privateKey, String publicKey) {
        try {
            SigningKey key = new SigningKey(
                    KeyFactory.getInstance(ALGORITHM).generatePrivate(new PKCS8EncodedKeySpec(bytes(privateKey))),
                    publicKey(publicKey));
            if (!verifies(key.publicKey(), "", key.sign("").value())) {
                throw new IllegalArgumentException(
                        "The private and the public key for snapshots do not belong together");
            }
            return key;
        } catch (GeneralSecurityException notOurs) {
            throw new IllegalArgumentException("The key for snapshots is no Ed25519 key", notOurs);
        }
    }

    /** A file with both keys in PEM. */
    static SigningKey read(Path file) {
        try {
            String secret = "";
            String shown = "";
            for (Matcher block = PEM.matcher(Files.readString(file)); block.find(); ) {
                if (block.group(1).equals("PRIVATE")) {
                    secret = block.group(2);
                } else {
                    shown = block.group(2);
                }
            }
            return of(secret, shown);
        } catch (IOException failure) {
            throw new UncheckedIOException("The key file for snapshots can not be read", failure);
        }
    }

    /** @throws IllegalArgumentException if it is none */
    static PublicKey publicKey(String base64) {
        try {
            return KeyFactory.getInstance(ALGORITHM).generatePublic(new X509EncodedKeySpec(bytes(base64)));
        } catch (GeneralSecurityException notOurs) {
            throw new IllegalArgumentException("A public key for snapshots is no Ed25519 key", notOurs);
        }
    }

    SnapshotSignature sign(String hash) {
        try {
            Signature signature = Signature.getInstance(ALGORITHM);
            signature.initSign(privateKey);
            signature.update(signed(hash));
            return new SnapshotSignature(ALGORITHM, id(publicKey), encode(signature.sign()));
        } catch (GeneralSecurityException broken) {
            throw new IllegalStateException(broken);
        }
    }

    /** Whether the value is the key's signature of the snapshot; anything malformed is not. */
    static boolean verifies(PublicKey key, String hash, String value) {
        try {
            Signature signature = Signature.getInstance(ALGORITHM);
            signature.initVerify(key);
            signature.update(signed(hash));
            return signature.verify(Base64.getDecoder().decode(value));
        } catch (GeneralSecurityException | IllegalArgumentException malformed) {
            return false;
        }
    }

    /** How a signature names its key. */
    static String id(PublicKey key) {
        return "sha256:" + Sha256.of(key.getEncoded());
    }

    static String encode(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }

    private static byte[] bytes(String base64) {
        return Base64.getMimeDecoder().decode(base64);
    }

    private static byte[] signed(String hash) {
        return ("logic-distillation-snapshot:" + hash).getBytes(StandardCharsets.UTF_8);
    }
}
