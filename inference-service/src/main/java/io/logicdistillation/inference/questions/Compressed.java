package io.logicdistillation.inference.questions;

import com.github.luben.zstd.ZstdInputStream;
import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.contracts.ProblemType;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Locale;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/** Bodies under {@code Content-Encoding}. Nothing is unpacked beyond the limit that holds for plain bodies. */
final class Compressed {
    /** 8 MB, which RFC 8878 asks decoders to support; a frame that wants a larger window is refused before it gets one. */
    private static final int LARGEST_WINDOW_LOG = 23;

    private Compressed() {}

    /**
     * @throws PlatformException if the encoding is not known, or there is more in it than the limit
     * @throws InvalidBodyException if it can not be unpacked
     */
    static byte[] unpack(byte[] body, @Nullable String encoding, long limit) {
        String name = encoding == null ? "identity" : encoding.strip().toLowerCase(Locale.ROOT);
        if (name.isEmpty() || name.equals("identity")) {
            return body;
        }
        try (InputStream unpacked = stream(name, body)) {
            byte[] plain = unpacked.readNBytes((int) limit + 1);
            if (plain.length > limit) {
                throw new PlatformException(
                        ProblemType.TOO_LARGE, "The body is larger than " + limit + " bytes when unpacked");
            }
            return plain;
        } catch (IOException broken) {
            throw new InvalidBodyException("compression_invalid", "The body can not be unpacked as " + name);
        }
    }

    private static InputStream stream(String encoding, byte[] body) throws IOException {
        InputStream packed = new ByteArrayInputStream(body);
        return switch (encoding) {
            case "zstd" -> new ZstdInputStream(packed).setLongMax(LARGEST_WINDOW_LOG);
            case "gzip", "x-gzip" -> new GZIPInputStream(packed);
            default ->
                throw new PlatformException(
                        ProblemType.UNSUPPORTED_MEDIA_TYPE, "Send the body plain, or packed with zstd or gzip");
        };
    }
}
