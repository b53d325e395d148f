package io.logicdistillation.distillation.students;

import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.contracts.ProblemType;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.stereotype.Component;

/**
 * Files by their SHA-256, in one folder. A file appears whole or not at all: it is written aside, flushed to the disk and
 * renamed. Thread-safe, for several processes too.
 */
@Component
public class ArtifactStore {
    private static final Logger log = LoggerFactory.getLogger(ArtifactStore.class);

    private final Path objects;
    private final Path incoming;

    /** @throws IOException if the folder can not be made or written to, so that a misplaced volume shows at start-up */
    @Autowired
    ArtifactStore(StoreProperties properties) throws IOException {
        this(properties.requiredDataDir());
    }

    /** A store of its own in this folder, whose files belong to nobody else and may be removed. */
    public ArtifactStore(Path root) throws IOException {
        this.objects = Files.createDirectories(root.resolve("objects"));
        this.incoming = Files.createDirectories(root.resolve("incoming"));
        Files.delete(Files.createTempFile(incoming, "start", ".check"));
    }

    /**
     * Takes bytes in and names them by their hash. What lies there under that name already is replaced by the same bytes, so
     * that storing again heals a file that was damaged.
     *
     * @throws PlatformException {@link ProblemType#UNAVAILABLE} if the disk does not take them
     */
    public String put(InputStream source) {
        Path aside = incoming.resolve(UUID.randomUUID() + ".part");
        try {
            String sha256 = write(source, aside);
            Path folder = Files.createDirectories(folder(sha256));
            Files.move(aside, place(sha256), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            flushFolder(folder);
            return sha256;
        } catch (IOException failure) {
            throw new PlatformException(
                    ProblemType.UNAVAILABLE, "The artifact store can not take the file; try again", failure);
        } finally {
            remove(aside);
        }
    }

    /**
     * The file of this hash, its bytes checked against it.
     *
     * @throws PlatformException {@link ProblemType#UNAVAILABLE} if it is missing, unreadable or damaged
     */
    public Path verified(String sha256) {
        Path place = place(sha256);
        try (InputStream source = Files.newInputStream(place)) {
            if (Sha256.copying(source, OutputStream.nullOutputStream()).equals(sha256)) {
                return place;
            }
            log.error("{} does not match its hash any more", place);
        } catch (IOException failure) {
            log.error("{} can not be read: {}", place, failure.toString());
        }
        throw new PlatformException(
                ProblemType.UNAVAILABLE, "The stored file is missing or damaged; store it again to repair it");
    }

    /** Only for a store whose files are not shared. */
    public void remove(String sha256) {
        remove(place(sha256));
    }

    private static String write(InputStream source, Path target) throws IOException {
        try (FileChannel channel = FileChannel.open(target, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
                OutputStream output = Channels.newOutputStream(channel)) {
            String sha256 = Sha256.copying(source, output);
            channel.force(true);
            return sha256;
        }
    }

    /** A rename is on the disk only when its folder is. */
    private static void flushFolder(Path folder) throws IOException {
        try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    private static void remove(Path aside) {
        try {
            Files.deleteIfExists(aside);
        } catch (IOException failure) {
            log.warn("{} stays behind: {}", aside, failure.toString());
        }
    }

    private Path place(String sha256) {
        return folder(sha256).resolve(sha256);
    }

    private Path folder(String sha256) {
        return objects.resolve(sha256.substring(0, 2));
    }
}
