package io.logicdistillation.distillation.students;

import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.contracts.ProblemType;
import java.io.InputStream;
import org.springframework.core.io.Resource;

/**
 * Files by their SHA-256. A file appears whole or not at all, and is handed out only as what it was when it came.
 * Thread-safe, for several processes too.
 */
public interface ArtifactStore {
    /**
     * Takes bytes in and names them by their hash. What lies there under that name already is replaced by the same bytes, so
     * that storing again heals a file that was damaged.
     *
     * @throws PlatformException {@link ProblemType#UNAVAILABLE} if they can not be stored
     */
    String put(InputStream source);

    /**
     * The file of this hash, its bytes checked against it before the first one leaves. To be read once.
     *
     * @throws PlatformException {@link ProblemType#UNAVAILABLE} if it is missing, out of reach or damaged
     */
    Resource verified(String sha256);

    /** Whether a file of this hash is there, whatever its bytes. @throws PlatformException {@link ProblemType#UNAVAILABLE} */
    boolean has(String sha256);

    /** A store of its own below this one, whose files belong to nobody else and may be removed. @param name a relative path */
    ArtifactStore within(String name);

    /** Where the checkpoints of one job lie. */
    default ArtifactStore ofJob(String job) {
        return within("checkpoints/" + job);
    }

    /** Whether there is nothing in a store of its own. @throws PlatformException {@link ProblemType#UNAVAILABLE} */
    boolean isEmpty();

    /** In a store of its own, or where nothing names the file any more. What can not be removed stays behind, which the log tells. */
    void remove(String sha256);

    /** Empties a store of its own. What can not be removed stays behind, which the log tells. */
    void removeAll();
}
