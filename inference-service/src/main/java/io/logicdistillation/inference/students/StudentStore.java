package io.logicdistillation.inference.students;

import io.logicdistillation.inference.engine.EngineException;
import io.logicdistillation.inference.engine.StudentManifest;
import io.logicdistillation.inference.engine.StudentPackage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Students on this machine's disk, one folder each, named by content: what lies there was verified against its hashes, is
 * verified again whenever it is read, and fetched anew if it does not hold. Thread-safe.
 */
final class StudentStore {
    private static final Logger log = LoggerFactory.getLogger(StudentStore.class);
    private static final long LONGEST_MANIFEST = 16L << 20;
    private static final long LONGEST_FILE = 1L << 30;

    private final Path folder;
    private final Registry registry;

    StudentStore(Path folder, Registry registry) {
        this.folder = folder;
        this.registry = registry;
    }

    /**
     * A verified student, downloaded if it is not here.
     *
     * @throws EngineException if it does not hold what it promises
     * @throws IOException if it cannot be had
     */
    StudentPackage get(String tenant, String id) throws IOException {
        Path home = folder.resolve(id.replace(':', '-'));
        if (Files.isDirectory(home)) {
            try {
                return verified(home, id);
            } catch (EngineException damaged) {
                log.warn("The stored student {} does not verify and is fetched again: {}", id, damaged.getMessage());
                delete(home);
            }
        }
        Path arriving = folder.resolve("arriving-" + UUID.randomUUID());
        try {
            download(tenant, id, arriving);
            verified(arriving, id);
            move(arriving, home);
        } finally {
            delete(arriving);
        }
        return verified(home, id);
    }

    /** What can not be removed stays behind, which the log tells. */
    void remove(String id) {
        Path home = folder.resolve(id.replace(':', '-'));
        try {
            delete(home);
        } catch (IOException failure) {
            log.warn("{} stays behind: {}", home, failure.toString());
        }
    }

    private void download(String tenant, String id, Path arriving) throws IOException {
        Files.createDirectories(arriving);
        Path manifestFile = arriving.resolve("manifest.json");
        registry.download(tenant, id, "manifest", manifestFile, LONGEST_MANIFEST);
        StudentManifest manifest = StudentPackage.parse(Files.readAllBytes(manifestFile));
        StudentManifest.PackagedFile adapter = manifest.files().adapter();
        if (adapter != null) {
            registry.download(tenant, id, "adapter", inside(arriving, adapter.path()), LONGEST_FILE);
        }
        registry.download(
                tenant,
                id,
                "activations",
                inside(arriving, manifest.files().activations().path()),
                LONGEST_FILE);
    }

    private static Path inside(Path folder, String name) throws IOException {
        Path file = folder.resolve(name).normalize();
        if (!folder.equals(file.getParent())) {
            throw new IOException("the manifest names a file outside of its folder: " + name);
        }
        return file;
    }

    private static StudentPackage verified(Path home, String id) {
        StudentPackage student = StudentPackage.load(home);
        if (!student.id().equals(id)) {
            throw new EngineException(
                    EngineException.Kind.STUDENT_PACKAGE, "its manifest hashes to " + student.id() + ", not to " + id);
        }
        return student;
    }

    /** Another replica's process on the same folder, or another thread, may have been faster: its copy is as good. */
    private static void move(Path from, Path to) throws IOException {
        try {
            Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException occupied) {
            if (!Files.isDirectory(to)) {
                throw occupied;
            }
        }
    }

    private static void delete(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            return;
        }
        List<Path> deepestFirst;
        try (Stream<Path> files = Files.walk(folder)) {
            deepestFirst = files.sorted(Comparator.reverseOrder()).toList();
        }
        for (Path file : deepestFirst) {
            Files.deleteIfExists(file);
        }
    }
}
