package io.logicdistillation.inference.questions;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** The wire format of System One. */
final class SystemOne implements WireFormat {
    @Override
    public Asked parse(JsonNode body) {
        Fields.requireObject(body);
        if (!body.path("assets").isEmpty()) {
            throw new InvalidBodyException("unsupported", "This server reads text only", "assets");
        }
        JsonNode model = body.path("model");
        if (!absent(model) && !model.isString()) {
            throw new InvalidBodyException("string_type", "The model must be a string", "model");
        }
        JsonNode questions = body.path("questions");
        if (!questions.isObject()) {
            throw new InvalidBodyException(
                    absent(questions) ? "missing" : "dict_type", "Questions must be an object", "questions");
        }
        Fields.requireCount("questions", questions.size(), 1, Fields.MOST_QUESTIONS, "questions");
        List<Asked.Item> items = new ArrayList<>();
        for (Map.Entry<String, JsonNode> member : questions.properties()) {
            items.add(item(member.getKey(), member.getValue()));
        }
        return new Asked(absent(model) ? null : model.stringValue(), state(body.path("state")), items);
    }

    private static String state(JsonNode state) {
        if (absent(state)) {
            throw new InvalidBodyException("missing", "A state is needed", "state");
        }
        return text(state, "state");
    }

    private static Asked.Item item(String id, JsonNode question) {
        try {
            if (id.isEmpty()) {
                throw new InvalidBodyException("string_too_short", "A question's id must not be empty");
            }
            if (!question.isObject()) {
                throw new InvalidBodyException("dict_type", "A question must be an object");
            }
            return new Asked.Item(id, question, question(question));
        } catch (InvalidBodyException invalid) {
            throw invalid.below("questions", id);
        }
    }

    private static Question question(JsonNode question) {
        String instructions = text(question.path("instructions"), "instructions");
        JsonNode criteria = question.path("criteria");
        JsonNode type = question.path("type");
        return switch (type.isString() ? type.stringValue() : "") {
            case "noul" -> yesNo(instructions, criteria);
            case "choice" -> choice(instructions, criteria);
            case "score" -> score(instructions, criteria);
            case "box" -> throw new InvalidBodyException("unsupported", "This server reads text only", "type");
            default -> throw new InvalidBodyException("union_tag_invalid", "Must be noul, choice or score", "type");
        };
    }

    private static Question yesNo(String instructions, JsonNode criteria) {
        if (!absent(criteria) && !criteria.isObject()) {
            throw new InvalidBodyException("dict_type", "Criteria of a noul must be an object", "criteria");
        }
        String yes = text(criteria.path("true"), "criteria", "true");
        String no = text(criteria.path("false"), "criteria", "false");
        if (instructions.isBlank() && yes.isBlank() && no.isBlank()) {
            throw new InvalidBodyException("missing", "There is nothing to judge", "instructions");
        }
        String opposite = no.isBlank() ? "" : (yes.isBlank() ? "Not: " : "\nNot: ") + no;
        return new Question.YesNo(instructions, yes + opposite);
    }

    private static Question choice(String instructions, JsonNode criteria) {
        if (!criteria.isObject()) {
            throw new InvalidBodyException(
                    absent(criteria) ? "missing" : "dict_type", "Criteria of a choice must be an object", "criteria");
        }
        Fields.requireCount("options", criteria.size(), 2, Fields.MOST_OPTIONS, "criteria");
        List<Question.Option> options = new ArrayList<>();
        criteria.properties()
                .forEach(member -> options.add(new Question.Option(
                        member.getKey(), member.getKey(), text(member.getValue(), "criteria", member.getKey()))));
        return new Question.Choice(instructions, options);
    }

    private static Question score(String instructions, JsonNode criteria) {
        if (!criteria.isArray()) {
            throw new InvalidBodyException(
                    absent(criteria) ? "missing" : "list_type", "Criteria of a score must be an array", "criteria");
        }
        Fields.requireCount("levels", criteria.size(), 2, Fields.MOST_LEVELS, "criteria");
        List<Question.Option> levels = new ArrayList<>();
        for (int i = 0; i < criteria.size(); i++) {
            if (absent(criteria.get(i))) {
                throw new InvalidBodyException("missing", "A level needs a description", "criteria", i);
            }
            levels.add(new Question.Option(
                    String.valueOf(i),
                    "level %d of %d".formatted(i + 1, criteria.size()),
                    text(criteria.get(i), "criteria", i)));
        }
        return new Question.Score(instructions, levels);
    }

    private static boolean absent(JsonNode node) {
        return node.isMissingNode() || node.isNull();
    }

    private static String text(JsonNode value, Object... place) {
        if (!absent(value) && !value.isString() && !value.isContainer()) {
            throw new InvalidBodyException("string_type", "Must be a string, an object or an array", place);
        }
        return Words.of(value);
    }

    @Override
    public ObjectNode answer(Asked asked, Answered answered) {
        ObjectNode body = JsonNodeFactory.instance.objectNode();
        body.put("model", answered.model());
        ObjectNode answers = body.putObject("answers");
        for (int i = 0; i < asked.questions().size(); i++) {
            Asked.Item item = asked.questions().get(i);
            answers.set(item.id(), answer(item.original(), answered.answers().get(i)));
        }
        body.putObject("usage")
                .put("input_tokens", answered.newTokens() + answered.cachedTokens())
                .put("output_tokens", 0);
        body.put("x_student", answered.student());
        body.put("x_engine", answered.engine());
        return body;
    }

    private static ObjectNode answer(JsonNode question, Answer answer) {
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        switch (answer) {
            case Answer.YesNo yesNo -> node.put("type", "noul").put("noul", yesNo.yes());
            case Answer.Choice choice -> {
                List<String> names = List.copyOf(question.path("criteria").propertyNames());
                node.put("type", "choice").put("choice", names.get(choice.chosen()));
                node.put("confidence", choice.confidence());
                putAll(node.putObject("probabilities"), names, choice.probabilities());
                if (choice.none() != null) {
                    node.put("x_none", choice.none());
                }
            }
            case Answer.Score score -> {
                node.put("type", "score").put("score", score.value()).put("confidence", score.confidence());
                ObjectNode legend = node.putObject("legend");
                List<String> keys = new ArrayList<>();
                for (JsonNode level : question.path("criteria")) {
                    legend.set(String.valueOf(keys.size()), level);
                    keys.add(String.valueOf(keys.size()));
                }
                putAll(node.putObject("probabilities"), keys, score.probabilities());
                node.put("x_none", score.none());
            }
        }
        return node;
    }

    private static void putAll(ObjectNode target, List<String> names, List<Double> probabilities) {
        for (int i = 0; i < names.size(); i++) {
            target.put(names.get(i), probabilities.get(i));
        }
    }

    @Override
    public int invalidStatus() {
        return 422;
    }

    @Override
    public ObjectNode invalid(InvalidBodyException failure) {
        ObjectNode body = JsonNodeFactory.instance.objectNode();
        ObjectNode detail = body.putArray("detail").addObject();
        ArrayNode place = detail.putArray("loc").add("body");
        for (Object step : failure.place()) {
            if (step instanceof Integer index) {
                place.add(index);
            } else {
                place.add(step.toString());
            }
        }
        detail.put("msg", failure.getMessage()).put("type", failure.type());
        return body;
    }

    @Override
    public ObjectNode refusal(Refusal refusal, @Nullable String message) {
        ObjectNode body = JsonNodeFactory.instance.objectNode();
        String type = refusal == Refusal.UNKNOWN_MODEL ? "not_found" : "api_usage_error";
        body.putObject("detail").put("error_type", type).put("message", message);
        return body;
    }
}
