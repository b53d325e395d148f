package io.logicdistillation.runtime;

import io.logicdistillation.runtime.FunctionResult.Failed;
import io.logicdistillation.runtime.FunctionResult.Failure;
import io.logicdistillation.runtime.FunctionResult.Returned;
import io.logicdistillation.runtime.QuickJsSandbox.GuestText;
import java.time.Duration;
import java.util.List;

/**
 * What the host hears from a guest during one call. The other half is {@code sandbox.js}; its means to speak is
 * out of reach for a source, but even one that spoke to the host could only give itself another result.
 */
final class GuestExchange implements QuickJsSandbox.Exchange {

    private static final int LONGEST_MESSAGE = 500;
    private final int outputBytes;
    private final long startNanos;
    private String loaded = "";

    GuestExchange(Limits limits, long startNanos) {
        outputBytes = limits.outputBytes();
        this.startNanos = startNanos;
    }

    /** The names of the entry points that the source has, separated by spaces. */
    String loaded() {
        return loaded;
    }

    /** What a guest can say; {@code sandbox.js} says it by number. */
    private enum Said {
        LOADED,
        RETURNED,
        THREW,
        INVALID_SOURCE,
        INVALID_OUTPUT,
        INVALID_ARGUMENTS
    }

    @Override
    public void hear(int kind, GuestText text) {
        switch (Said.values()[kind]) {
            case LOADED -> loaded = text.read();
            case RETURNED -> throw new GuestStopped(returned(text));
            case THREW -> throw failed(Failure.THREW, text);
            case INVALID_SOURCE -> throw failed(Failure.INVALID_SOURCE, text);
            case INVALID_OUTPUT -> throw failed(Failure.INVALID_OUTPUT, text);
            case INVALID_ARGUMENTS -> throw new InvalidArguments();
        }
    }

    private FunctionResult returned(GuestText text) {
        return text.bytes() > outputBytes
                ? new Failed(
                        Failure.OUTPUT_TOO_LARGE,
                        "returned %d bytes, allowed are %d".formatted(text.bytes(), outputBytes))
                : new Returned(text.read(), Duration.ofNanos(System.nanoTime() - startNanos));
    }

    /** The first line says what, the next ones where; the innermost place is enough. */
    private static GuestStopped failed(Failure kind, GuestText text) {
        List<String> lines = text.read().lines().toList();
        String what = lines.isEmpty() ? "" : lines.getFirst();
        String where = lines.stream()
                .skip(1)
                .map(String::strip)
                .filter(line -> line.startsWith("at "))
                .findFirst()
                .map(line -> " (" + line + ")")
                .orElse("");
        String message = what + where;
        return new GuestStopped(new Failed(kind, message.substring(0, Math.min(message.length(), LONGEST_MESSAGE))));
    }

    /** The caller's mistake, not the guest's. */
    static final class InvalidArguments extends IllegalArgumentException {

        private static final long serialVersionUID = 1;

        InvalidArguments() {
            super("the arguments are not a JSON array");
        }
    }
}
