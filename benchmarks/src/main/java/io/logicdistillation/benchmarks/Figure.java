package io.logicdistillation.benchmarks;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * One measured value; {@code reference} was measured in the same run, {@code ratio} is value over reference.
 *
 * @param target of the ratio where there is a reference, else of the value
 */
record Figure(
        String name,
        double value,
        String unit,
        @Nullable Double reference,
        @Nullable Target target) {
    Figure(String name, double value, String unit, @Nullable Double reference) {
        this(name, value, unit, reference, null);
    }

    Figure(String name, double value, String unit) {
        this(name, value, unit, null, null);
    }

    /** What was aimed at. */
    record Target(double bound, boolean atLeast) {
        static Target atLeast(double bound) {
            return new Target(bound, true);
        }

        static Target atMost(double bound) {
            return new Target(bound, false);
        }

        boolean isMetBy(double value) {
            return atLeast ? value >= bound : value <= bound;
        }
    }

    Figure aimingAt(Target aim) {
        return new Figure(name, value, unit, reference, aim);
    }

    private boolean met(Target aim) {
        return aim.isMetBy(reference == null ? value : value / reference);
    }

    String asJson() {
        StringBuilder json = new StringBuilder();
        json.append(written("{\"name\":\"%s\",\"value\":%.4f,\"unit\":\"%s\"", name, value, unit));
        if (reference != null) {
            json.append(written(",\"reference\":%.4f,\"ratio\":%.4f", reference, value / reference));
        }
        if (target != null) {
            json.append(written(",\"target\":%.4f,\"met\":%b", target.bound(), met(target)));
        }
        return json.append('}').toString();
    }

    String asText() {
        StringBuilder text = new StringBuilder(written("%-28s %10.3f %-8s", name, value, unit));
        if (reference != null) {
            text.append(written(" reference %.3f, ratio %.3f", reference, value / reference));
        }
        if (target != null) {
            String what = target.atLeast() ? "at least" : "at most";
            text.append(written(" target %s %.1f: %s", what, target.bound(), met(target) ? "met" : "missed"));
        }
        return text.toString();
    }

    private static String written(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }
}
