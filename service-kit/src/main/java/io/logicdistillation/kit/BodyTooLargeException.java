package io.logicdistillation.kit;

import java.io.IOException;

/** A request body went past the limit while it was being read. */
public final class BodyTooLargeException extends IOException {
    private static final long serialVersionUID = 1L;

    BodyTooLargeException(long limit) {
        super("The body is larger than " + limit + " bytes");
    }
}
