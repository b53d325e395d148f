package io.logicdistillation.functionbase.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SnapshotKeyPropertiesTest {
    @TempDir
    private Path folder;

    @Test
    void takeKeysThatAreSome() throws IOException {
        SigningKey key = SigningKey.fresh();
        String shown = SigningKey.encode(key.publicKey().getEncoded());
        Path file = file(block("PRIVATE", SigningKey.encode(key.privateKey().getEncoded())) + block("PUBLIC", shown));
        assertThat(new SnapshotKeyProperties(file.toString(), List.of(shown, " ")).unusable())
                .isEmpty();
        assertThat(new SnapshotKeyProperties("", List.of()).unusable()).isEmpty();
    }

    @Test
    void tellEveryOneThatIsNoneAndNotWhatItHolds() throws IOException {
        Path file = file(block("PRIVATE", "c2VjcmV0"));
        List<String> told = new SnapshotKeyProperties(file.toString(), List.of("no key!", "c2VjcmV0")).unusable();
        assertThat(told).hasSize(3).noneMatch(said -> said.contains("c2VjcmV0"));
        assertThat(new SnapshotKeyProperties(folder.resolve("nowhere").toString(), List.of()).unusable())
                .singleElement()
                .asString()
                .startsWith("PLATFORM_SNAPSHOT_KEY_FILE");
    }

    private Path file(String text) throws IOException {
        return Files.writeString(folder.resolve("key.pem"), text);
    }

    private static String block(String kind, String base64) {
        return "-----BEGIN " + kind + " KEY-----\n" + base64 + "\n-----END " + kind + " KEY-----\n";
    }
}
