package io.logicdistillation.gateway.callers;

import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.contracts.ProblemType;
import org.jspecify.annotations.Nullable;

/** One kind of what may follow {@code Authorization: Bearer}. Implementations are thread-safe. */
public interface Credentials {
    /**
     * Whom the credential belongs to; null if it is of another kind, or not valid.
     *
     * @throws PlatformException {@link ProblemType#UNAVAILABLE} if it can not be told right now, {@link ProblemType#FORBIDDEN}
     *     if it is genuine and yet opens nothing here
     */
    @Nullable
    Recognised find(String bearer);
}
