package io.logicdistillation.gateway.keys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.logicdistillation.kit.Caller;
import io.logicdistillation.kit.Scope;
import io.logicdistillation.kit.Sha256;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;

class KeyFileTest {
    @TempDir
    private Path folder;

    @Test
    void findsWhomAKeyBelongsTo() throws IOException {
        KeyFile file = open("[" + record("ld_a", "decide") + "," + record("ld_b", "view") + "]");
        assertThat(file.keys().find("ld_b").caller()).isEqualTo(new Caller("acme", "ld_b", Set.of(Scope.VIEW)));
        assertThat(file.keys().find("ld_c")).isNull();
        assertThat(file.keys().find("")).isNull();
        assertThat(file.keys().find("ld_" + "a".repeat(10_000))).isNull();
    }

    @Test
    void readsOneKeyPerLineToo() throws IOException {
        assertThat(open(record("ld_a", "decide") + "\n\n" + record("ld_b", "view") + "\n")
                        .keys()
                        .size())
                .isEqualTo(2);
    }

    @Test
    void followsAChangeOfTheFile() throws IOException {
        KeyFile file = open("[" + record("ld_a", "decide") + "]");
        Files.writeString(path(), "[" + record("ld_b", "decide") + "]");
        file.reload();
        assertThat(file.keys().find("ld_a")).isNull();
        assertThat(file.keys().find("ld_b")).isNotNull();
    }

    @Test
    void keepsItsKeysWhileTheFileIsBrokenOrAway() throws IOException {
        KeyFile file = open("[" + record("ld_a", "decide") + "]");
        Files.writeString(path(), "[{\"name\":");
        file.reload();
        Files.delete(path());
        file.reload();
        assertThat(file.keys().find("ld_a")).isNotNull();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "nonsense",
                "[{\"name\":\"a\"}]",
                "[{\"name\":\"a\",\"sha256\":\"00\",\"tenant\":\"t\",\"scopes\":[]}]",
                "[{\"name\":\"a\",\"sha256\":\"zz\",\"tenant\":\"t\",\"scopes\":[]}]",
            })
    void doesNotStartOnAFileThatIsWrong(String content) {
        assertThatThrownBy(() -> open(content))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("PLATFORM_KEYS_FILE");
    }

    @Test
    void doesNotStartOnAnUnknownScope() {
        assertThatThrownBy(() -> open("[" + record("ld_a", "everything") + "]"))
                .isInstanceOf(IllegalStateException.class);
    }

    @Test
    void saysWhichVariableIsMissing() {
        assertThatThrownBy(
                        () -> new KeyProperties(null, Duration.ofSeconds(1), Duration.ofSeconds(30)).requiredKeysFile())
                .hasMessageContaining("PLATFORM_KEYS_FILE is not set");
    }

    private Path path() {
        return folder.resolve("keys.json");
    }

    private KeyFile open(String content) throws IOException {
        Files.writeString(path(), content);
        return new KeyFile(
                new KeyProperties(path(), Duration.ofSeconds(1), Duration.ofSeconds(30)), JsonMapper.shared());
    }

    private static String record(String key, String scope) {
        return "{\"name\":\"" + key + "\",\"sha256\":\"" + Sha256.of(key) + "\",\"tenant\":\"acme\",\"scopes\":[\""
                + scope + "\"]}";
    }

    @Test
    void isToldWithTheOtherWrongSettingsWhereItIsNone() throws IOException {
        Files.writeString(path(), "[{\"name\": \"a-secret\"}]");
        assertThat(properties(path()).unusable())
                .singleElement()
                .asString()
                .startsWith("PLATFORM_KEYS_FILE can not be read: ")
                .doesNotContain("a-secret");
        assertThat(properties(folder.resolve("nowhere")).unusable()).hasSize(1);
        Files.writeString(path(), "[]");
        assertThat(properties(path()).unusable()).isEmpty();
        assertThat(properties(null).unusable()).isEmpty();
    }

    private static KeyProperties properties(@Nullable Path file) {
        return new KeyProperties(file, Duration.ofSeconds(1), Duration.ofSeconds(30));
    }
}
