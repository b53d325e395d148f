package io.logicdistillation.inference.questions;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdOutputStream;
import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.contracts.ProblemType;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;

class CompressedTest {
    private static final int LIMIT = 1 << 20;
    private static final byte[] BODY = "{\"state\":\"✓\"}".getBytes(StandardCharsets.UTF_8);

    @Test
    void unpacksWhatClientsSend() throws IOException {
        assertThat(Compressed.unpack(BODY, null, LIMIT)).isEqualTo(BODY);
        assertThat(Compressed.unpack(Zstd.compress(BODY), "zstd", LIMIT)).isEqualTo(BODY);
        assertThat(Compressed.unpack(gzip(BODY), "GZIP", LIMIT)).isEqualTo(BODY);
    }

    @Test
    void takesExactlyTheLimit() {
        byte[] body = new byte[LIMIT];
        assertThat(Compressed.unpack(Zstd.compress(body), "zstd", LIMIT)).hasSize(LIMIT);
    }

    @Test
    void stopsUnpackingAtTheLimit() throws IOException {
        byte[] bomb = new byte[64 * LIMIT];
        assertTooLarge(Zstd.compress(bomb), "zstd");
        assertTooLarge(gzip(bomb), "gzip");
    }

    @Test
    void refusesAWindowThatWouldTakeTooMuchMemory() throws IOException {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (ZstdOutputStream zstd = new ZstdOutputStream(packed)) {
            zstd.setLong(27);
            zstd.write(new byte[1 << 16]);
        }
        assertInvalid(packed.toByteArray(), "zstd");
    }

    @Test
    void refusesWhatIsBrokenOrUnknown() throws IOException {
        assertInvalid(BODY, "zstd");
        assertInvalid(BODY, "gzip");
        assertInvalid(Arrays.copyOf(Zstd.compress(BODY), 10), "zstd");
        assertInvalid(Arrays.copyOf(gzip(BODY), 14), "gzip");
        assertThatThrownBy(() -> Compressed.unpack(BODY, "br", LIMIT))
                .isInstanceOfSatisfying(
                        PlatformException.class,
                        refused -> assertThat(refused.type()).isEqualTo(ProblemType.UNSUPPORTED_MEDIA_TYPE));
    }

    private static void assertTooLarge(byte[] packed, String encoding) {
        assertThat(packed.length).isLessThan(LIMIT);
        assertThatThrownBy(() -> Compressed.unpack(packed, encoding, LIMIT))
                .isInstanceOfSatisfying(
                        PlatformException.class,
                        refused -> assertThat(refused.type()).isEqualTo(ProblemType.TOO_LARGE));
    }

    private static void assertInvalid(byte[] packed, String encoding) {
        assertThatThrownBy(() -> Compressed.unpack(packed, encoding, LIMIT)).isInstanceOf(InvalidBodyException.class);
    }

    private static byte[] gzip(byte[] plain) throws IOException {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (OutputStream zip = new GZIPOutputStream(packed)) {
            zip.write(plain);
        }
        return packed.toByteArray();
    }
}
