package io.logicdistillation.runtime;

import io.logicdistillation.runtime.FunctionResult.Failed;
import io.logicdistillation.runtime.FunctionResult.Failure;
import io.logicdistillation.runtime.FunctionResult.Returned;
import io.logicdistillation.runtime.QuickJsSandbox.GuestText;
import java.time.Duration;
import java.util.List;

/**
 * What the host says to a guest during one call, and what it hears. The other half is {@code sandbox.js}; the operations are
 * out of reach for a source, but even one that spoke to the host could only give itself another result.
 */
final class GuestExchange implements QuickJsSandbox.Exchange {

    private static final int LONGEST_MESSAGE = 500;
    private static final String NOTED = "noted";

    private final FunctionCall call;
    private final long startNanos;
    private String loaded = "";

    GuestExchange(FunctionCall call, long startNanos) {
        this.call = call;
        this.startNanos = startNanos;
    }

    /** The names of the entry points that the source has, separated by spaces. */
    String loaded() {
        return loaded;
    }

    @Override
    public String handle(String operation, GuestText text) {
        return switch (operation) {
            case "source" -> call.source();
            case "entry-point" -> call.entryPoint().functionName();
            case "arguments" -> call.argumentsJson();
            case "loaded" -> {
                loaded = text.read();
                yield NOTED;
            }
            case "returned" -> throw new GuestStopped(returned(text));
            case "threw" -> throw failed(Failure.THREW, text);
            case "invalid-source" -> throw failed(Failure.INVALID_SOURCE, text);
            case "invalid-output" -> throw failed(Failure.INVALID_OUTPUT, text);
            case "invalid-arguments" -> throw new InvalidArguments();
            default -> throw new IllegalStateException("the guest said " + operation);
        };
    }

    private FunctionResult returned(GuestText text) {
        int limit = call.limits().outputBytes();
        return text.bytes() > limit
                ? new Failed(
                        Failure.OUTPUT_TOO_LARGE, "returned %d bytes, allowed are %d".formatted(text.bytes(), limit))
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
