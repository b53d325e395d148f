package io.logicdistillation.inference.canaries;

import io.logicdistillation.kit.Sha256;
import java.nio.ByteBuffer;

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
        return (int) Long.remainderUnsigned(ByteBuffer.wrap(Sha256.bytes(text)).getLong(), PLACES);
    }
}
