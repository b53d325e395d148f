package io.logicdistillation.inference.decisionlog;

import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.contracts.ProblemType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import tools.jackson.core.JsonPointer;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.node.StringNode;

/**
 * Takes personal data out of decisions. A pointer (RFC 6901) is into the decision as the log gives it back. Texts that are
 * removed from the state are also removed where a view repeats them word for word.
 */
final class Redactions {
    /** Stands where something had to stay: in lists, and in place of a whole view or output. */
    static final String REMOVED = "[redacted]";

    private static final int MOST = 100;
    private static final int LONGEST = 500;
    private static final Pattern ALLOWED = Pattern.compile(
            "(/state(/([^~/\\x00]|~[01])*)+|/output(/([^~/\\x00]|~[01])*)*|/stages/(0|[1-9][0-9]{0,2})/(view|output(/([^~/\\x00]|~[01])*)*))");
    /** Shorter texts stand in too many words that have nothing to do with them. */
    private static final int SHORTEST_ECHO = 3;

    private Redactions() {}

    /** @throws PlatformException {@link ProblemType#INVALID_REQUEST} naming the first pointer that can not be */
    static List<String> checked(List<String> pointers) {
        if (pointers.size() > MOST) {
            throw new PlatformException(ProblemType.INVALID_REQUEST, "At most " + MOST + " redactions");
        }
        for (int i = 0; i < pointers.size(); i++) {
            String pointer = pointers.get(i);
            if (pointer == null
                    || pointer.length() > LONGEST
                    || !ALLOWED.matcher(pointer).matches()) {
                throw new PlatformException(
                        ProblemType.INVALID_REQUEST,
                        "A redaction is a JSON Pointer to something in /state, /output, /stages/N/output or to /stages/N/view",
                        Map.of("pointer", "/redactions/" + i));
            }
        }
        return pointers.stream().distinct().toList();
    }

    /**
     * Takes out what the pointers name.
     *
     * @param decision changed in place
     * @return the pointers that named something
     */
    static List<String> apply(List<String> pointers, ObjectNode decision) {
        List<String> removed = new ArrayList<>();
        List<String> echoes = new ArrayList<>();
        for (String pointer : pointers) {
            boolean found = remove(JsonPointer.compile(pointer), decision, echoes);
            for (String twin : twins(pointer, decision)) {
                found |= remove(JsonPointer.compile(twin), decision, echoes);
            }
            if (found) {
                removed.add(pointer);
            }
        }
        silence(decision, echoes);
        return removed;
    }

    /** The decision's output is the last stage's: what goes from one goes from the other. */
    private static List<String> twins(String pointer, ObjectNode decision) {
        String last = "/stages/" + (decision.path("stages").size() - 1) + "/output";
        if (pointer.equals("/output") || pointer.startsWith("/output/")) {
            return List.of(last + pointer.substring("/output".length()));
        }
        return pointer.equals(last) || pointer.startsWith(last + "/")
                ? List.of("/output" + pointer.substring(last.length()))
                : List.of();
    }

    private static boolean remove(JsonPointer pointer, ObjectNode decision, List<String> echoes) {
        JsonNode gone = decision.at(pointer);
        if (gone.isMissingNode() || (gone.isString() && gone.stringValue().equals(REMOVED))) {
            return false;
        }
        JsonNode holder = decision.at(pointer.head());
        String member = pointer.last().getMatchingProperty();
        if (holder instanceof ArrayNode list) {
            list.set(pointer.last().getMatchingIndex(), StringNode.valueOf(REMOVED));
        } else if (holder instanceof ObjectNode object) {
            boolean mustStay = pointer.toString().matches("/output|/stages/[0-9]+/(view|output)");
            if (mustStay) {
                object.put(member, REMOVED);
            } else {
                object.remove(member);
            }
        }
        collect(gone, echoes);
        return true;
    }

    /**
     * Whether the pointers name something that a view may repeat in a form that can not be found there again: a number, a truth
     * value, a short text.
     */
    static boolean mayEchoUnseen(List<String> pointers, ObjectNode decision) {
        return pointers.stream()
                .map(pointer -> decision.at(JsonPointer.compile(pointer)))
                .anyMatch(Redactions::hasUnseen);
    }

    private static boolean hasUnseen(JsonNode named) {
        if (named.isContainer()) {
            return named.valueStream().anyMatch(Redactions::hasUnseen);
        }
        return named.isString() ? named.stringValue().length() < SHORTEST_ECHO : named.isNumber() || named.isBoolean();
    }

    private static void collect(JsonNode gone, List<String> echoes) {
        if (gone.isString() && gone.stringValue().length() >= SHORTEST_ECHO) {
            echoes.add(gone.stringValue());
        }
        gone.forEach(inner -> collect(inner, echoes));
    }

    private static void silence(ObjectNode decision, List<String> echoes) {
        for (JsonNode stage : decision.path("stages")) {
            String view = stage.path("view").asString("");
            String silent = view;
            for (String echo : echoes) {
                silent = silent.replace(echo, REMOVED);
            }
            if (!silent.equals(view)) {
                ((ObjectNode) stage).put("view", silent);
            }
        }
    }
}
