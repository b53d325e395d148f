package io.logicdistillation.inference.canaries;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * Which decisions are a canary's, without anything to agree on: every replica finds the same. The place of a subject depends on
 * the canary too, or the same episodes would be tried on by every new student; and a larger share has all that a smaller had.
 */
final class Split {
    private static final int PLACES = 10_000;

    private Split() {}

    /** @param subject the same for what must not be split */
    static boolean isCanarys(String canary, String subject, int percent) {
        return place(canary + '/' + subject) < percent * (PLACES / 100);
    }

    private static int place(String text) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return (int) Long.remainderUnsigned(ByteBuffer.wrap(hash).getLong(), PLACES);
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
