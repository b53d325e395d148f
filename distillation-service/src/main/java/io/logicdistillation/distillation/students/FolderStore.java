package io.logicdistillation.distillation.students;

import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.contracts.ProblemType;
import io.logicdistillation.kit.Sha256;
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
import org.springframework.core.io.FileSystemResource;
import org.springframework.core.io.Resource;
import org.springframework.util.FileSystemUtils;

/** A folder. A file is written aside, flushed to the disk and renamed; several replicas may share it. */
final class FolderStore implements ArtifactStore {
    private static final Logger log = LoggerFactory.getLogger(FolderStore.class);

    private final Path root;
    private final Path objects;
    private final Path incoming;

    FolderStore(Path root) {
        this.root = root;
        this.objects = root.resolve("objects");
        this.incoming = root.resolve("incoming");
    }

    /** @throws IOException if the folder can not be made or written to, so that a misplaced volume shows at start-up */
    static FolderStore open(Path root) throws IOException {
        FolderStore store = new FolderStore(root);
        Files.createDirectories(store.objects);
        Files.createDirectories(store.incoming);
        Files.delete(Files.createTempFile(store.incoming, "start", ".check"));
        return store;
    }

    @Override
    public String put(InputStream source) {
        Path aside = incoming.resolve(UUID.randomUUID() + ".part");
        try {
            Files.createDirectories(incoming);
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

    @Override
    public Resource verified(String sha256) {
        Path place = place(sha256);
        try (InputStream source = Files.newInputStream(place)) {
            if (Sha256.copying(source, OutputStream.nullOutputStream()).equals(sha256)) {
                return new FileSystemResource(place);
            }
            log.error("{} does not match its hash any more", place);
        } catch (IOException failure) {
            log.error("{} can not be read: {}", place, failure.toString());
        }
        throw new PlatformException(
                ProblemType.UNAVAILABLE, "The stored file is missing or damaged; store it again to repair it");
    }

    @Override
    public boolean has(String sha256) {
        return Files.exists(place(sha256));
    }

    @Override
    public ArtifactStore within(String name) {
        return new FolderStore(root.resolve(name));
    }

    @Override
    public boolean isEmpty() {
        return !Files.exists(root);
    }

    @Override
    public void remove(String sha256) {
        remove(place(sha256));
    }

    @Override
    public void removeAll() {
        if (!FileSystemUtils.deleteRecursively(root.toFile()) && Files.exists(root)) {
            log.warn("{} stays behind", root);
        }
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
