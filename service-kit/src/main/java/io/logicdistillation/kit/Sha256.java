package io.logicdistillation.kit;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** SHA-256 as the platform writes it: 64 lower-case hexadecimal digits, of texts in UTF-8. */
public final class Sha256 {
    private Sha256() {}

    public static String of(byte[] bytes) {
        return hex(digest().digest(bytes));
    }

    public static String of(String text) {
        return hex(bytes(text));
    }

    public static String of(Path file) throws IOException {
        try (InputStream source = Files.newInputStream(file)) {
            return copying(source, OutputStream.nullOutputStream());
        }
    }

    /** Copies to the end of the source and returns the hash of what was copied. */
    public static String copying(InputStream source, OutputStream target) throws IOException {
        MessageDigest digest = digest();
        source.transferTo(new DigestOutputStream(target, digest));
        return hex(digest.digest());
    }

    /** The hash of a text itself, 32 bytes. */
    public static byte[] bytes(String text) {
        return digest().digest(text.getBytes(StandardCharsets.UTF_8));
    }

    /** For what is hashed piece by piece. */
    public static MessageDigest digest() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("Every JDK has SHA-256", impossible);
        }
    }

    public static String hex(byte[] hash) {
        return HexFormat.of().formatHex(hash);
    }
}
