package io.logicdistillation.languagemodel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ApiSettingsTest {
    private static final URI API = URI.create("https://models.example.org/v1");

    @TempDir
    Path folder;

    private static ApiSettings settings(URI url, String key, Path file) {
        return new ApiSettings("some.place", url, key, file, false);
    }

    @Test
    void takesTheKeyOfTheFileBeforeTheOther() throws IOException {
        Path file = Files.writeString(folder.resolve("key"), "sk-file\n");

        assertThat(settings(API, "sk-told", file).endpoint().key()).isEqualTo("sk-file");
        assertThat(settings(API, "sk-told", Path.of("")).endpoint().key()).isEqualTo("sk-told");
        assertThat(settings(API, null, null).endpoint().key()).isEmpty();
    }

    @Test
    void saysWhichSettingNamesAFileThatIsNotThere() {
        assertThatThrownBy(() -> settings(API, null, folder.resolve("none")).endpoint())
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining("some.place.api-key-file");
    }

    @Test
    void isNotConfiguredWithoutAUrl() {
        assertThat(settings(API, null, null).isConfigured()).isTrue();
        assertThat(settings(URI.create(""), null, null).isConfigured()).isFalse();
        assertThat(settings(null, null, null).isConfigured()).isFalse();
        assertThatThrownBy(() -> settings(null, null, null).endpoint()).hasMessageContaining("some.place.url");
    }

    @Test
    void neverShowsAKey() {
        assertThat(settings(API, "sk-told", null).toString()
                        + settings(API, "sk-told", null).endpoint())
                .doesNotContain("sk-told");
    }
}
