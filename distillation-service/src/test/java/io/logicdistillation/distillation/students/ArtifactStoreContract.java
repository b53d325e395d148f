package io.logicdistillation.distillation.students;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.contracts.ProblemType;
import io.logicdistillation.kit.Sha256;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** What every store of artifacts does, wherever it puts them. */
abstract class ArtifactStoreContract {
    private static final byte[] SOME = "some bytes".getBytes(StandardCharsets.UTF_8);

    /** An empty one. */
    abstract ArtifactStore store();

    /** Changes what lies under a hash, behind the store's back; takes it away where there is no content. */
    abstract void replace(String sha256, byte[] content) throws Exception;

    /** Files that are still on their way. */
    abstract List<?> onTheirWay() throws Exception;

    @Test
    void handsOutWhatItTook() throws Exception {
        ArtifactStore store = store();
        byte[] large = new byte[9_000_001];
        new Random(1).nextBytes(large);
        for (byte[] content : List.of(SOME, large, new byte[1])) {
            String sha256 = put(store, content);
            assertThat(sha256).isEqualTo(Sha256.of(content));
            assertThat(store.verified(sha256).contentLength()).isEqualTo(content.length);
            assertThat(read(store, sha256)).isEqualTo(content);
        }
        assertThat(onTheirWay()).isEmpty();
    }

    @Test
    void takesTheSameBytesAgain() throws Exception {
        ArtifactStore store = store();
        assertThat(put(store, SOME)).isEqualTo(put(store, SOME));
        assertThat(read(store, Sha256.of(SOME))).isEqualTo(SOME);
    }

    @Test
    void refusesWhatIsMissingOrDamagedUntilItIsStoredAgain() throws Exception {
        ArtifactStore store = store();
        String sha256 = Sha256.of(SOME);
        assertUnavailable(() -> store.verified(sha256));
        put(store, SOME);
        replace(sha256, "rot".getBytes(StandardCharsets.UTF_8));
        assertUnavailable(() -> store.verified(sha256));
        replace(sha256, new byte[0]);
        assertUnavailable(() -> store.verified(sha256));
        put(store, SOME);
        assertThat(read(store, sha256)).isEqualTo(SOME);
        assertThat(onTheirWay()).isEmpty();
    }

    @Test
    void storesNothingOfASourceThatBreaksOff() throws Exception {
        ArtifactStore store = store();
        InputStream broken = new SequenceInputStream(new ByteArrayInputStream(SOME), new InputStream() {
            @Override
            public int read() throws IOException {
                throw new IOException("cut");
            }
        });
        assertUnavailable(() -> store.put(broken));
        assertUnavailable(() -> store.verified(Sha256.of(SOME)));
        assertThat(onTheirWay()).isEmpty();
    }

    @Test
    void keepsStoresBelowItApart() throws Exception {
        ArtifactStore store = store();
        ArtifactStore one = store.within("checkpoints/one");
        ArtifactStore other = store.within("checkpoints/other");
        String sha256 = put(store, SOME);
        put(one, SOME);
        put(other, SOME);
        String second = put(other, "more".getBytes(StandardCharsets.UTF_8));
        assertThat(one.has(sha256)).isTrue();
        one.remove(sha256);
        one.remove(sha256);
        assertThat(one.has(sha256)).isFalse();
        assertThat(store.has(sha256)).isTrue();
        assertUnavailable(() -> one.verified(sha256));
        assertThat(read(other, sha256)).isEqualTo(SOME);
        assertThat(other.isEmpty()).isFalse();
        other.removeAll();
        other.removeAll();
        assertThat(other.isEmpty()).isTrue();
        assertUnavailable(() -> other.verified(sha256));
        assertUnavailable(() -> other.verified(second));
        assertThat(read(store, sha256)).isEqualTo(SOME);
        put(one, SOME);
        assertThat(read(one, sha256)).isEqualTo(SOME);
    }

    @Test
    void takesTheSameBytesFromManyAtOnce() throws Exception {
        ArtifactStore store = store();
        try (ExecutorService many = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<String>> stored = new ArrayList<>();
            for (int i = 0; i < 16; i++) {
                Callable<String> one = () -> put(store, SOME);
                stored.add(many.submit(one));
            }
            for (Future<String> each : stored) {
                assertThat(read(store, each.get())).isEqualTo(SOME);
            }
        }
        assertThat(onTheirWay()).isEmpty();
    }

    static String put(ArtifactStore store, byte[] content) {
        return store.put(new ByteArrayInputStream(content));
    }

    static byte[] read(ArtifactStore store, String sha256) throws IOException {
        return store.verified(sha256).getContentAsByteArray();
    }

    static void assertUnavailable(Callable<?> call) {
        assertThatThrownBy(call::call)
                .isInstanceOfSatisfying(
                        PlatformException.class,
                        problem -> assertThat(problem.type()).isEqualTo(ProblemType.UNAVAILABLE));
    }
}
