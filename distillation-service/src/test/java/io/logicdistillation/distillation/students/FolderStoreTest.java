package io.logicdistillation.distillation.students;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FolderStoreTest extends ArtifactStoreContract {
    @TempDir
    private Path folder;

    @Override
    ArtifactStore store() {
        return new FolderStore(folder);
    }

    @Override
    void replace(String sha256, byte[] content) throws IOException {
        Path place = folder.resolve("objects").resolve(sha256.substring(0, 2)).resolve(sha256);
        if (content.length == 0) {
            Files.delete(place);
        } else {
            Files.write(place, content);
        }
    }

    @Override
    List<Path> onTheirWay() throws IOException {
        try (Stream<Path> left = Files.list(folder.resolve("incoming"))) {
            return left.toList();
        }
    }

    @Test
    void saysAtOnceThatAFolderCanNotBeUsed() throws Exception {
        Path file = Files.writeString(folder.resolve("file"), "");
        assertThatThrownBy(() -> FolderStore.open(file)).isInstanceOf(IOException.class);
    }
}
