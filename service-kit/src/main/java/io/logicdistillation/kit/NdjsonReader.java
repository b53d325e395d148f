package io.logicdistillation.kit;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Reads newline-delimited JSON in constant memory. Not thread-safe. */
public final class NdjsonReader {
    private final InputStream source;
    private final int longest;
    private long number;

    /**
     * @param first the number of the first line, from one
     * @param longest bytes that a line may have
     */
    public NdjsonReader(InputStream source, long first, int longest) {
        this.source = new BufferedInputStream(source, 64 << 10);
        this.number = first - 1;
        this.longest = longest;
    }

    /**
     * @param text null if there is none to use
     * @param fault what is wrong with the line itself
     */
    public record Line(
            long number, @Nullable String text, @Nullable String fault) {
        public boolean isBlank() {
            return text != null && text.isBlank();
        }
    }

    /** The next line; null at the end. A line that is too long is read to its end and reported, not kept. */
    public @Nullable Line next() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(1 << 10);
        boolean tooLong = false;
        int value = source.read();
        if (value < 0) {
            return null;
        }
        for (; value >= 0 && value != '\n'; value = source.read()) {
            if (bytes.size() < longest) {
                bytes.write(value);
            } else {
                tooLong = true;
            }
        }
        number++;
        if (tooLong) {
            return new Line(number, null, "is longer than " + longest + " bytes");
        }
        try {
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes.toByteArray()))
                    .toString();
            return new Line(number, text, null);
        } catch (CharacterCodingException notText) {
            return new Line(number, null, "is not UTF-8");
        }
    }
}
