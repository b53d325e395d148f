package io.logicdistillation.distillation.students;

import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.contracts.ProblemType;
import java.nio.charset.StandardCharsets;
import org.springframework.core.io.Resource;
import org.springframework.stereotype.Component;

/** Students that others go on from. Thread-safe. */
@Component
public class StartingPoints {
    private final Students students;
    private final ArtifactStore store;

    StartingPoints(Students students, ArtifactStore store) {
        this.students = students;
        this.store = store;
    }

    /** What an adapter must be like for a run to go on from it. */
    public record Needed(String base, int rank, double alpha) {}

    /**
     * The id of the student that is meant.
     *
     * @param student an id, or a name for the newest of that name
     * @throws PlatformException {@link ProblemType#UNKNOWN_STUDENT}, or {@link ProblemType#CONFLICT} if it has no adapter,
     *     or one of another base model, rank or alpha
     */
    public String resolve(String tenant, String student, Needed needed) {
        StudentRow row = students.find(tenant, student, null);
        StudentManifest manifest = StudentManifest.parse(row.manifest().getBytes(StandardCharsets.UTF_8));
        StudentManifest.Lora lora = manifest.lora();
        if (row.adapterSha256() == null || lora == null) {
            throw new PlatformException(
                    ProblemType.CONFLICT, "The student '" + student + "' has no adapter: leave start out");
        }
        if (!manifest.base().name().equals(needed.base())) {
            throw new PlatformException(
                    ProblemType.CONFLICT,
                    "The student '" + student + "' is of the base model "
                            + manifest.base().name());
        }
        if (lora.rank() != needed.rank() || lora.alpha() != needed.alpha()) {
            throw new PlatformException(
                    ProblemType.CONFLICT,
                    "The adapter of '" + student + "' has rank " + lora.rank() + " and alpha " + lora.alpha()
                            + ": ask for the same in hyperparameters");
        }
        return row.student().id();
    }

    /** Its manifest, whose hash is the id. @throws PlatformException as {@link ArtifactStore#verified(String)} */
    public Resource manifest(String tenant, String id) {
        return store.verified(students.find(tenant, id, null).student().id().substring("sha256:".length()));
    }

    /** Its adapter, checked against its hash. @throws PlatformException as {@link ArtifactStore#verified(String)} */
    public Resource adapter(String tenant, String id) {
        String sha256 = students.find(tenant, id, null).adapterSha256();
        if (sha256 == null) {
            throw new PlatformException(ProblemType.NOT_FOUND, "The student has no adapter");
        }
        return store.verified(sha256);
    }
}
