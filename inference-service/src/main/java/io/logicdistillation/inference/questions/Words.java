package io.logicdistillation.inference.questions;

import java.util.Comparator;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * JSON as text for a student. Equal values give equal text: members are sorted by name, because JSON objects have no order. Texts
 * stay as they are.
 */
final class Words {
    /** Deeper values are written as JSON in one line, so that no indentation outgrows what it indents. */
    private static final int DEEPEST = 6;

    private static final String STEP = "  ";

    private Words() {}

    /** Empty where nothing was said. */
    static String of(@Nullable JsonNode value) {
        if (value == null || value.isNull() || value.isMissingNode()) {
            return "";
        }
        if (value.isString()) {
            return value.stringValue();
        }
        StringBuilder text = new StringBuilder();
        lines(value, 0, text);
        return text.toString().stripTrailing();
    }

    private static void lines(JsonNode value, int depth, StringBuilder text) {
        if (value.isObject()) {
            value.properties().stream()
                    .sorted(Map.Entry.comparingByKey())
                    .forEach(member -> line(member.getKey() + ":", member.getValue(), depth, text));
        } else if (value.isArray()) {
            value.forEach(element -> line("-", element, depth, text));
        } else {
            text.append(plain(value)).append('\n');
        }
    }

    private static void line(String label, JsonNode value, int depth, StringBuilder text) {
        text.repeat(STEP, depth).append(label);
        if (!value.isContainer()) {
            text.append(' ').append(plain(value)).append('\n');
        } else if (depth == DEEPEST || value.isEmpty()) {
            compact(value, text.append(' '));
            text.append('\n');
        } else {
            text.append('\n');
            lines(value, depth + 1, text);
        }
    }

    private static void compact(JsonNode value, StringBuilder text) {
        if (value.isObject()) {
            String separator = "{";
            for (Map.Entry<String, JsonNode> member : value.properties().stream()
                    .sorted(Comparator.comparing(Map.Entry::getKey))
                    .toList()) {
                text.append(separator).append(member.getKey()).append(": ");
                compact(member.getValue(), text);
                separator = ", ";
            }
            text.append(value.isEmpty() ? "{}" : "}");
        } else if (value.isArray()) {
            String separator = "[";
            for (JsonNode element : value) {
                text.append(separator);
                compact(element, text);
                separator = ", ";
            }
            text.append(value.isEmpty() ? "[]" : "]");
        } else {
            text.append(plain(value));
        }
    }

    private static String plain(JsonNode value) {
        return value.isString() ? value.stringValue() : value.toString();
    }
}
