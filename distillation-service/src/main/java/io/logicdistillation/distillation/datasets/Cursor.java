package io.logicdistillation.distillation.datasets;

import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.contracts.ProblemType;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/** Where a page ends, as clients carry it around without reading it. */
public final class Cursor {
    private Cursor() {}

    public static String of(long number) {
        return Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString(Long.toString(number).getBytes(StandardCharsets.US_ASCII));
    }

    public static long read(String cursor) {
        try {
            return Long.parseLong(new String(Base64.getUrlDecoder().decode(cursor), StandardCharsets.US_ASCII));
        } catch (IllegalArgumentException notOurs) {
            throw new PlatformException(ProblemType.INVALID_REQUEST, "The cursor is not one that a page named as next");
        }
    }
}
