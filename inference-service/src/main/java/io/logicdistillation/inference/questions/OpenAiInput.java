package io.logicdistillation.inference.questions;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/** The input of OpenAI's Decisions as text: a string as it is, a conversation as one paragraph per item. */
final class OpenAiInput {
    private OpenAiInput() {}

    static String text(JsonNode input) {
        if (input.isString()) {
            return input.stringValue();
        }
        if (!input.isArray() || input.isEmpty()) {
            throw new InvalidBodyException("invalid_type", "The input must be a string or a list of items", "input");
        }
        List<String> paragraphs = new ArrayList<>();
        Set<String> calls = new HashSet<>();
        for (JsonNode item : input) {
            try {
                paragraphs.add(item(item, calls));
            } catch (InvalidBodyException invalid) {
                throw invalid.below("input", paragraphs.size());
            }
        }
        return String.join("\n", paragraphs);
    }

    /** @param calls ids of the calls so far: an output must belong to one of them */
    private static String item(JsonNode item, Set<String> calls) {
        return switch (item.path("type").asString("message")) {
            case "message" -> message(item);
            case "function_call" -> {
                calls.add(text(item, "call_id"));
                yield "call " + text(item, "name") + ": " + text(item, "arguments");
            }
            case "custom_tool_call" -> {
                calls.add(text(item, "call_id"));
                yield "call " + text(item, "name") + ": " + text(item, "input");
            }
            case "function_call_output", "custom_tool_call_output" -> {
                if (!calls.contains(text(item, "call_id"))) {
                    throw new InvalidBodyException(
                            "invalid_value", "The output belongs to no call before it", "call_id");
                }
                yield "result: " + parts(item.path("output"), "output");
            }
            default -> throw new InvalidBodyException("invalid_value", "This kind of item is not known here", "type");
        };
    }

    private static String message(JsonNode item) {
        String role = text(item, "role");
        if (!Set.of("user", "developer", "system", "assistant").contains(role)) {
            throw new InvalidBodyException("invalid_value", "Must be user, developer, system or assistant", "role");
        }
        return role + ": " + parts(item.path("content"), "content");
    }

    static String instructions(JsonNode instructions) {
        return parts(instructions, "instructions");
    }

    private static String parts(JsonNode content, String member) {
        if (content.isString()) {
            return content.stringValue();
        }
        if (!content.isArray() || content.isEmpty()) {
            throw new InvalidBodyException("invalid_type", "Must be a string or a list of parts", member);
        }
        List<String> texts = new ArrayList<>();
        for (JsonNode part : content) {
            try {
                texts.add(part(part));
            } catch (InvalidBodyException invalid) {
                throw invalid.below(member, texts.size());
            }
        }
        return String.join("\n", texts);
    }

    private static String part(JsonNode part) {
        return switch (part.path("type").asString("")) {
            case "input_text", "output_text" -> text(part, "text");
            case "refusal" -> text(part, "refusal");
            case "input_json" -> {
                if (!part.path("data").isContainer()) {
                    throw new InvalidBodyException("invalid_type", "Must be an object or an array", "data");
                }
                yield Words.of(part.path("data"));
            }
            case "input_image" ->
                throw new InvalidBodyException("unsupported_value", "This server reads text only, no images", "type");
            default -> throw new InvalidBodyException("invalid_value", "This kind of part is not known here", "type");
        };
    }

    private static String text(JsonNode parent, String member) {
        if (!parent.path(member).isString()) {
            throw new InvalidBodyException("invalid_type", "'" + member + "' must be a string", member);
        }
        return parent.path(member).stringValue();
    }
}
