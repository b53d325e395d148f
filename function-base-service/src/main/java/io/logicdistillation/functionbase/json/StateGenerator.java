package io.logicdistillation.functionbase.json;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * Values that a JSON Schema allows: from its keywords, and from its examples with one member changed. What the keywords lead to is
 * checked against the schema, so a keyword unknown here costs tries, never a wrong value. The same seed gives the same values. For
 * one thread.
 */
public final class StateGenerator {
    private static final int TRIES = 50;
    private static final int DEEPEST = 8;
    private static final int MOST_ELEMENTS = 5;
    private static final int MOST_LETTERS = 20;
    /** Elements of all lists of one value together: lists of lists multiply. */
    private static final int ROOM = 2_000;
    /** Of all texts of one value together, beyond what their schemas ask for. */
    private static final int LETTERS_OF_ALL = 20_000;
    /** References that lead to references; beyond them they go in a circle. */
    private static final int MOST_HOPS = 16;

    private static final String LETTERS = "abcdefghijklmnopqrstuvwxyz ";

    private final Map<String, Object> root;
    private final Schema schema;
    private final Random random;
    private final int times;
    private int room = ROOM;
    private int letters = LETTERS_OF_ALL;

    public StateGenerator(Map<String, Object> schema, long seed) {
        this(schema, seed, 1);
    }

    /** @param times as long as usual lists and texts may be, where the schema allows it; from 2 on all are as long as they may be */
    public StateGenerator(Map<String, Object> schema, long seed, int times) {
        this.root = schema;
        this.schema = Schema.of(schema);
        this.random = new Random(seed);
        this.times = times;
    }

    /** Another value, or nothing if none was found in a number of tries. */
    public Optional<Map<String, Object>> next() {
        for (int attempt = 0; attempt < TRIES; attempt++) {
            room = ROOM;
            letters = LETTERS_OF_ALL;
            Object value = random.nextBoolean() ? fromExample() : value(root, 0);
            if (value instanceof Map<?, ?> state && schema.violations(state).isEmpty()) {
                return Optional.of(members(state));
            }
        }
        return Optional.empty();
    }

    private @Nullable Object fromExample() {
        if (!(root.get("examples") instanceof List<?> examples) || examples.isEmpty()) {
            return value(root, 0);
        }
        Object example = examples.get(random.nextInt(examples.size()));
        Map<String, Object> properties = members(root.get("properties"));
        if (!(example instanceof Map<?, ?> state) || properties.isEmpty()) {
            return example;
        }
        Map<String, Object> changed = new LinkedHashMap<>(members(state));
        List<String> names = List.copyOf(properties.keySet());
        String name = names.get(random.nextInt(names.size()));
        changed.put(name, value(properties.get(name), 1));
        return changed;
    }

    private @Nullable Object value(@Nullable Object of, int depth) {
        if (depth > 2 * DEEPEST) {
            return null;
        }
        Map<String, Object> node = resolved(members(of), 0);
        if (node.containsKey("const")) {
            return node.get("const");
        }
        if (node.get("enum") instanceof List<?> choices && !choices.isEmpty()) {
            return choices.get(random.nextInt(choices.size()));
        }
        for (String alternatives : List.of("oneOf", "anyOf")) {
            if (node.get(alternatives) instanceof List<?> choices && !choices.isEmpty()) {
                return value(merged(node, choices.get(random.nextInt(choices.size())), alternatives), depth + 1);
            }
        }
        if (node.get("allOf") instanceof List<?> parts) {
            Map<String, Object> all = node;
            for (Object part : parts) {
                all = merged(all, part, "allOf");
            }
            return value(all, depth + 1);
        }
        return depth > DEEPEST ? null : ofType(node, type(node), depth);
    }

    private Map<String, Object> merged(Map<String, Object> node, @Nullable Object other, String without) {
        return joined(node, resolved(members(other), 0), without);
    }

    private static Map<String, Object> joined(Map<String, Object> node, Map<String, Object> other, String without) {
        Map<String, Object> both = new LinkedHashMap<>(node);
        both.remove(without);
        other.forEach((keyword, value) -> both.merge(keyword, value, (old, added) -> {
            if (!keyword.equals("properties")) {
                return added;
            }
            Map<String, Object> joined = new LinkedHashMap<>(members(old));
            joined.putAll(members(added));
            return joined;
        }));
        return both;
    }

    private Map<String, Object> resolved(Map<String, Object> node, int hops) {
        if (!(node.get("$ref") instanceof String reference) || !reference.startsWith("#/")) {
            return node;
        }
        Object at = root;
        for (String step : reference.substring(2).split("/", -1)) {
            at = members(at).get(step.replace("~1", "/").replace("~0", "~"));
        }
        return joined(node, hops == MOST_HOPS ? Map.of() : resolved(members(at), hops + 1), "$ref");
    }

    private String type(Map<String, Object> node) {
        Object type = node.get("type");
        if (type instanceof List<?> types && !types.isEmpty()) {
            return String.valueOf(types.get(random.nextInt(types.size())));
        }
        if (type instanceof String only) {
            return only;
        }
        return node.containsKey("properties") ? "object" : node.containsKey("items") ? "array" : "string";
    }

    private @Nullable Object ofType(Map<String, Object> node, String type, int depth) {
        return switch (type) {
            case "object" -> object(node, depth);
            case "array" -> array(node, depth);
            case "integer" -> Math.round(number(node));
            case "number" -> number(node);
            case "boolean" -> random.nextBoolean();
            case "null" -> null;
            default -> text(node);
        };
    }

    private Map<String, Object> object(Map<String, Object> node, int depth) {
        Map<String, Object> made = new LinkedHashMap<>();
        List<?> required = node.get("required") instanceof List<?> names ? names : List.of();
        members(node.get("properties")).forEach((name, property) -> {
            if (required.contains(name) || random.nextBoolean()) {
                made.put(name, value(property, depth + 1));
            }
        });
        return made;
    }

    private List<Object> array(Map<String, Object> node, int depth) {
        int least = bound(node, "minItems", 0);
        int most = bound(node, "maxItems", least + MOST_ELEMENTS * times);
        int size = least + more(Math.min(most - least, MOST_ELEMENTS * times));
        List<?> first = node.get("prefixItems") instanceof List<?> listed ? listed : List.of();
        List<Object> made = new ArrayList<>();
        for (int index = 0; index < Math.max(size, Math.min(first.size(), most)); index++) {
            if (index >= Math.max(least, first.size()) && --room < 0) {
                break;
            }
            Object element = index < first.size() ? first.get(index) : node.get("items");
            Object value = value(element, depth + 1);
            if (value != null && !(Boolean.TRUE.equals(node.get("uniqueItems")) && made.contains(value))) {
                made.add(value);
            }
        }
        return made;
    }

    private double number(Map<String, Object> node) {
        double least = decimal(node, "minimum", decimal(node, "exclusiveMinimum", -100));
        double most = decimal(node, "maximum", decimal(node, "exclusiveMaximum", Math.max(100, least + 100)));
        double value = switch (random.nextInt(8)) {
            case 0 -> least;
            case 1 -> most;
            default -> least + random.nextDouble() * (most - least);
        };
        double step = decimal(node, "multipleOf", 0);
        return step > 0 ? Math.round(value / step) * step : value;
    }

    private String text(Map<String, Object> node) {
        int least = bound(node, "minLength", 0);
        int most = Math.min(bound(node, "maxLength", least + MOST_LETTERS * times), least + 2 * MOST_LETTERS * times);
        int length = least + Math.min(more(most - least), letters);
        letters -= length - least;
        StringBuilder made = new StringBuilder();
        for (int index = 0; index < length; index++) {
            made.append(LETTERS.charAt(random.nextInt(LETTERS.length())));
        }
        return made.toString();
    }

    /** Up to so many; for a value that is to be large, all of them. */
    private int more(int most) {
        return times > 1 ? Math.max(0, most) : random.nextInt(Math.max(1, most + 1));
    }

    private static int bound(Map<String, Object> node, String keyword, int otherwise) {
        return (int) Math.min(10_000, decimal(node, keyword, otherwise));
    }

    private static double decimal(Map<String, Object> node, String keyword, double otherwise) {
        return node.get(keyword) instanceof Number number ? new BigDecimal(number.toString()).doubleValue() : otherwise;
    }

    /** JSON has no other keys than texts. */
    @SuppressWarnings("unchecked")
    private static Map<String, Object> members(@Nullable Object node) {
        return node instanceof Map<?, ?> map ? (Map<String, Object>) map : Map.of();
    }
}
