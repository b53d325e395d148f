package io.logicdistillation.inference.questions;

import tools.jackson.databind.JsonNode;

/** Checks that both APIs share. */
final class Fields {
    static final int MOST_QUESTIONS = 400;
    static final int MOST_OPTIONS = 255;
    static final int MOST_LEVELS = 10;

    private Fields() {}

    static void requireObject(JsonNode body) {
        if (!body.isObject()) {
            throw new InvalidBodyException("object_type", "The body must be a JSON object");
        }
        requireWholeCharacters(body);
    }

    static void requireCount(String what, int count, int fewest, int most, Object... place) {
        if (count < fewest || count > most) {
            throw new InvalidBodyException(
                    count < fewest ? "too_short" : "too_long",
                    "There must be %d to %d %s, and there are %d".formatted(fewest, most, what, count),
                    place);
        }
    }

    /** Half a surrogate pair is no character: no tokenizer could read it, and no answer could repeat it. */
    private static void requireWholeCharacters(JsonNode value) {
        if (value.isObject()) {
            value.properties().forEach(member -> {
                requireWhole(member.getKey());
                requireWholeCharacters(member.getValue());
            });
        } else if (value.isArray()) {
            value.forEach(Fields::requireWholeCharacters);
        } else if (value.isString()) {
            requireWhole(value.stringValue());
        }
    }

    private static void requireWhole(String text) {
        if (text.codePoints().anyMatch(point -> point >= Character.MIN_SURROGATE && point <= Character.MAX_SURROGATE)) {
            throw new InvalidBodyException("string_unicode", "A text contains half of a surrogate pair");
        }
    }
}
