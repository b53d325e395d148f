package io.logicdistillation.inference.students;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BaseModelPropertiesTest {
    @Test
    void nameAFileThatIsAModel(@TempDir Path folder) throws IOException {
        Path model = Files.writeString(folder.resolve("model.gguf"), "GGUF and more");
        assertThat(new BaseModelProperties(model).unusable()).isEmpty();
        assertThat(new BaseModelProperties(model).missing()).isEmpty();
        assertThat(new BaseModelProperties(Files.writeString(folder.resolve("page"), "<html>")).unusable())
                .singleElement()
                .asString()
                .endsWith("which is no GGUF file");
        assertThat(new BaseModelProperties(folder.resolve("nowhere")).unusable())
                .singleElement()
                .asString()
                .endsWith("which can not be read");
    }

    @Test
    void areNeededWhereThisProcessScores() {
        assertThat(new BaseModelProperties(null).missing())
                .containsExactly("PLATFORM_MODEL_FILE is not set: name the base model's GGUF file");
        assertThat(new BaseModelProperties(Path.of("")).missing()).hasSize(1);
        assertThat(new BaseModelProperties(null).unusable()).isEmpty();
    }
}
