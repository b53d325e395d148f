package io.logicdistillation.inference.decisionlog;

import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.contracts.ProblemType;

/**
 * What makes a request count once.
 *
 * @param key as the client sent it
 * @param requestHash of what was asked, so that the key does not answer another question
 */
public record IdempotencyKey(String key, String requestHash) {
    private static final int LONGEST = 255;

    public IdempotencyKey {
        if (key.isBlank() || key.length() > LONGEST || !key.chars().allMatch(each -> each > ' ' && each < 127)) {
            throw new PlatformException(
                    ProblemType.INVALID_REQUEST, "Idempotency-Key must be 1 to 255 printable ASCII characters");
        }
    }
}
