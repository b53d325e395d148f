package io.logicdistillation.inference.questions;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** The wire format of OpenAI's Decisions. */
final class OpenAiDecisions implements WireFormat {
    @Override
    public Asked parse(JsonNode body) {
        Fields.requireObject(body);
        JsonNode model = required(body, "model");
        if (!model.isString()) {
            throw new InvalidBodyException("invalid_type", "The model must be a string", "model");
        }
        String state = OpenAiInput.text(required(body, "input"));
        JsonNode questions = required(body, "questions");
        if (!questions.isArray()) {
            throw new InvalidBodyException("invalid_type", "Questions must be an array", "questions");
        }
        Fields.requireCount("questions", questions.size(), 1, Fields.MOST_QUESTIONS, "questions");
        List<Asked.Item> items = new ArrayList<>();
        for (JsonNode question : questions) {
            try {
                items.add(new Asked.Item("", question, question(question)));
            } catch (InvalidBodyException invalid) {
                throw invalid.below("questions", items.size());
            }
        }
        return new Asked(model.stringValue(), state, items);
    }

    private static Question question(JsonNode question) {
        if (!question.isObject()) {
            throw new InvalidBodyException("invalid_type", "A question must be an object");
        }
        JsonNode name = question.path("name");
        if (!name.isMissingNode() && !name.isNull() && !name.isString()) {
            throw new InvalidBodyException("invalid_type", "A name must be a string", "name");
        }
        JsonNode type = required(question, "type");
        String instructions = OpenAiInput.instructions(required(question, "instructions"));
        return switch (type.isString() ? type.stringValue() : "") {
            case "predicate" -> new Question.YesNo(instructions, "");
            case "choice" -> new Question.Choice(instructions, choices(required(question, "choices")));
            case "score" -> new Question.Score(instructions, levels(required(question, "levels")));
            default -> throw new InvalidBodyException("invalid_value", "Must be predicate, choice or score", "type");
        };
    }

    private static List<Question.Option> choices(JsonNode choices) {
        requireArray(choices, "choices");
        Fields.requireCount("choices", choices.size(), 2, Fields.MOST_OPTIONS, "choices");
        List<Question.Option> options = new ArrayList<>();
        Set<String> keys = new HashSet<>();
        for (JsonNode choice : choices) {
            int at = options.size();
            JsonNode value = choice.path("value");
            if (!value.isString() && !value.isBoolean()) {
                throw new InvalidBodyException(
                        "invalid_type", "A value must be a string or a boolean", "choices", at, "value");
            }
            // A string and a boolean with the same text are distinct.
            String key = value.isBoolean() ? "boolean " + value.booleanValue() : "string " + value.stringValue();
            if (!keys.add(key)) {
                throw new InvalidBodyException("invalid_value", "Values must be distinct", "choices", at, "value");
            }
            options.add(new Question.Option(key, value.asString(), description(choice, "choices", at)));
        }
        return options;
    }

    private static List<Question.Option> levels(JsonNode levels) {
        requireArray(levels, "levels");
        Fields.requireCount("levels", levels.size(), 2, Fields.MOST_LEVELS, "levels");
        List<Question.Option> options = new ArrayList<>();
        for (JsonNode level : levels) {
            int at = options.size();
            if (!level.path("label").isString()) {
                throw new InvalidBodyException("invalid_type", "A level needs a label", "levels", at, "label");
            }
            options.add(new Question.Option(
                    String.valueOf(at), level.path("label").stringValue(), description(level, "levels", at)));
        }
        return options;
    }

    private static String description(JsonNode option, String list, int at) {
        JsonNode description = option.path("description");
        if (!description.isMissingNode() && !description.isNull() && !description.isString()) {
            throw new InvalidBodyException("invalid_type", "A description must be a string", list, at, "description");
        }
        return Words.of(description);
    }

    private static void requireArray(JsonNode value, String member) {
        if (!value.isArray()) {
            throw new InvalidBodyException("invalid_type", "Must be an array", member);
        }
    }

    private static JsonNode required(JsonNode parent, String member) {
        JsonNode value = parent.path(member);
        if (value.isMissingNode() || value.isNull()) {
            throw new InvalidBodyException("missing_required_parameter", "'" + member + "' is missing", member);
        }
        return value;
    }

    @Override
    public ObjectNode answer(Asked asked, Answered answered) {
        ObjectNode body = JsonNodeFactory.instance.objectNode();
        body.put("model", answered.model());
        ArrayNode answers = body.putArray("answers");
        for (int i = 0; i < asked.questions().size(); i++) {
            answers.add(answer(
                    asked.questions().get(i).original(), answered.answers().get(i)));
        }
        int input = answered.newTokens() + answered.cachedTokens();
        ObjectNode usage = body.putObject("usage").put("input_tokens", input);
        usage.putObject("input_tokens_details")
                .put("cached_tokens", answered.cachedTokens())
                .put("cache_write_tokens", 0);
        usage.put("output_tokens", 0).putObject("output_tokens_details").put("reasoning_tokens", 0);
        usage.put("total_tokens", input);
        body.put("x_student", answered.student());
        body.put("x_engine", answered.engine());
        return body;
    }

    private static ObjectNode answer(JsonNode question, Answer answer) {
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        node.set("type", question.path("type"));
        JsonNode name = question.path("name");
        if (name.isString()) {
            node.set("name", name);
        } else {
            node.putNull("name");
        }
        switch (answer) {
            case Answer.YesNo yesNo -> node.put("probability", yesNo.yes());
            case Answer.Choice choice -> {
                JsonNode choices = question.path("choices");
                node.set("choice", choices.path(choice.chosen()).path("value"));
                node.put("confidence", choice.confidence());
                ArrayNode probabilities = node.putArray("probabilities");
                for (int i = 0; i < choices.size(); i++) {
                    ObjectNode each = probabilities.addObject();
                    each.set("value", choices.path(i).path("value"));
                    each.put("probability", choice.probabilities().get(i));
                }
                if (choice.none() != null) {
                    node.put("x_none", choice.none());
                }
            }
            case Answer.Score score -> {
                node.put("score", score.value()).put("confidence", score.confidence());
                ArrayNode probabilities = node.putArray("probabilities");
                for (int i = 0; i < score.probabilities().size(); i++) {
                    ObjectNode each = probabilities.addObject().put("value", i);
                    each.set("label", question.path("levels").path(i).path("label"));
                    each.put("probability", score.probabilities().get(i));
                }
                node.put("x_none", score.none());
            }
        }
        return node;
    }

    @Override
    public int invalidStatus() {
        return 400;
    }

    @Override
    public ObjectNode invalid(InvalidBodyException failure) {
        StringBuilder place = new StringBuilder();
        for (Object step : failure.place()) {
            if (step instanceof Integer index) {
                place.append('[').append(index).append(']');
            } else {
                place.append(place.isEmpty() ? "" : ".").append(step);
            }
        }
        return error(failure.getMessage(), place.isEmpty() ? null : place.toString(), failure.type());
    }

    @Override
    public ObjectNode refusal(Refusal refusal, @Nullable String message) {
        return switch (refusal) {
            case UNKNOWN_MODEL -> error(message, "model", "model_not_found");
            case TOO_LONG -> error(message, "input", "context_length_exceeded");
        };
    }

    private static ObjectNode error(@Nullable String message, @Nullable String param, String code) {
        ObjectNode body = JsonNodeFactory.instance.objectNode();
        body.putObject("error")
                .put("message", message)
                .put("type", "invalid_request_error")
                .put("param", param)
                .put("code", code);
        return body;
    }
}
