package io.logicdistillation.distillation.students;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.logicdistillation.kit.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.core.io.Resource;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;

class BucketStoreTest extends ArtifactStoreContract {
    private static S3Server server;
    private static S3Client s3;

    private final String prefix = "t" + UUID.randomUUID() + "/";

    @TempDir
    private Path scratch;

    @BeforeAll
    static void start() {
        server = new S3Server();
        s3 = server.client(S3Server.BUCKET);
    }

    @AfterAll
    static void stop() {
        s3.close();
        server.close();
    }

    @Override
    ArtifactStore store() {
        return new BucketStore(s3, S3Server.BUCKET, prefix, scratch);
    }

    @Override
    void replace(String sha256, byte[] content) {
        String key = prefix + "objects/" + sha256.substring(0, 2) + "/" + sha256;
        if (content.length == 0) {
            s3.deleteObject(request -> request.bucket(S3Server.BUCKET).key(key));
        } else {
            s3.putObject(request -> request.bucket(S3Server.BUCKET).key(key), RequestBody.fromBytes(content));
        }
    }

    @Override
    List<Path> onTheirWay() throws IOException {
        try (Stream<Path> left = Files.list(scratch)) {
            return left.toList();
        }
    }

    @Test
    void keepsNoFileOfWhatIsReadAndOfWhatNobodyReads() throws Exception {
        ArtifactStore store = store();
        byte[] content = "read later".getBytes(StandardCharsets.UTF_8);
        Resource found = store.verified(put(store, content));
        assertThat(onTheirWay()).isEmpty();
        try (InputStream bytes = found.getInputStream()) {
            assertThat(bytes.readAllBytes()).isEqualTo(content);
        }
        assertThat(found.exists()).isFalse();
    }

    @Test
    void emptiesAStoreOfMoreFilesThanOneRequestRemoves() {
        ArtifactStore store = store().within("many");
        for (int i = 0; i < 1_001; i++) {
            put(store, ("file " + i).getBytes(StandardCharsets.UTF_8));
        }
        store.removeAll();
        assertThat(s3.listObjectsV2(request -> request.bucket(S3Server.BUCKET).prefix(prefix))
                        .contents())
                .isEmpty();
    }

    @Test
    void saysAtOnceThatABucketIsNotThere() {
        assertThatThrownBy(() -> new BucketStore(s3, "elsewhere", "", scratch).open())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("elsewhere");
    }

    @Test
    void startsWhileTheStorageIsAwayAndIsUnavailableForSoLong() throws Exception {
        URI nowhere = URI.create("http://127.0.0.1:9");
        try (S3Client away = Storage.client(S3Server.settings("students", nowhere))) {
            ArtifactStore store = new BucketStore(away, "students", "", scratch).open();
            assertUnavailable(() -> put(store, new byte[1]));
            assertUnavailable(() -> store.verified(Sha256.of(new byte[1])));
            store.remove(Sha256.of(new byte[1]));
            store.removeAll();
        }
        assertThat(onTheirWay()).isEmpty();
    }

    @Test
    void addressesABucketByItsPathWhereStorageIsNotOfAws() {
        assertThat(S3Server.settings("b", URI.create("http://minio:9000")).inPath())
                .isTrue();
        assertThat(S3Server.settings("b", null).inPath()).isFalse();
        assertThatThrownBy(() -> new StoreProperties.S3("b", "no-slash", null, "us-east-1", null, null))
                .hasMessageContaining("slash");
    }
}
