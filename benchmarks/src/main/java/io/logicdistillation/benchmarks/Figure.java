package io.logicdistillation.benchmarks;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** One measured value; {@code reference} was measured in the same run, {@code ratio} is value over reference. */
record Figure(
        String name, double value, String unit, @Nullable Double reference) {
    Figure(String name, double value, String unit) {
        this(name, value, unit, null);
    }

    String asJson() {
        String head = String.format(Locale.ROOT, "{\"name\":\"%s\",\"value\":%.4f,\"unit\":\"%s\"", name, value, unit);
        return reference == null
                ? head + "}"
                : head
                        + String.format(
                                Locale.ROOT, ",\"reference\":%.4f,\"ratio\":%.4f}", reference, value / reference);
    }

    String asText() {
        String head = String.format(Locale.ROOT, "%-28s %10.3f %-8s", name, value, unit);
        return reference == null
                ? head
                : head + String.format(Locale.ROOT, " reference %.3f, ratio %.3f", reference, value / reference);
    }
}
