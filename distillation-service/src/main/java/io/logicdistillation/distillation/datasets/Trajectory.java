package io.logicdistillation.distillation.datasets;

import io.logicdistillation.kit.Sha256;
import io.logicdistillation.kit.WireJson;
import java.util.HashSet;
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * One line of an upload: what the teacher chose among which candidates, in which state. The checks are those of the training
 * worker, so that a row that is stored can be trained on.
 *
 * @param json the line, written compactly
 */
record Trajectory(String episode, String stage, String view, String chosen, String json) {
    private static final JsonMapper JSON = WireJson.lenient();
    private static final int FEWEST_CANDIDATES = 2;

    /** Why a line can not be used; the message is for whoever wrote the line. */
    static final class Unusable extends Exception {
        private static final long serialVersionUID = 1;

        Unusable(String message) {
            super(message);
        }
    }

    /**
     * @param task the task of the dataset; a line may leave its own out, and may not name another
     * @throws Unusable if the line is no trajectory
     */
    static Trajectory parse(String line, String task) throws Unusable {
        JsonNode row;
        try {
            row = JSON.readTree(line);
        } catch (JacksonException malformed) {
            throw new Unusable("is no JSON: " + malformed.getOriginalMessage());
        }
        if (!row.isObject()) {
            throw new Unusable("is no JSON object");
        }
        if (row.has("task") && !text(row, "task").equals(task)) {
            throw new Unusable("is of task '" + text(row, "task") + "', the dataset of '" + task + "'");
        }
        String chosen = text(row, "chosen");
        if (!functions(row.path("candidates")).contains(chosen)) {
            throw new Unusable("'" + chosen + "' was chosen but is no candidate");
        }
        return new Trajectory(
                text(row, "episode"), text(row, "stage"), text(row, "view"), chosen, JSON.writeValueAsString(row));
    }

    /** Two rows of one stage and view are the same lesson. */
    String viewSha256() {
        return Sha256.of(view);
    }

    /** Whole episodes are held out: neighbouring states of one episode are nearly copies of each other. */
    boolean isHeldOut(long seed, double share) {
        byte[] digest = Sha256.bytes(seed + ":" + episode);
        long drawn = 0;
        for (int i = 0; i < Integer.BYTES; i++) {
            drawn = drawn << Byte.SIZE | Byte.toUnsignedLong(digest[i]);
        }
        return drawn < share * (1L << Integer.SIZE);
    }

    private static Set<String> functions(JsonNode candidates) throws Unusable {
        if (!candidates.isArray() || candidates.size() < FEWEST_CANDIDATES) {
            throw new Unusable("'candidates' must name at least two functions");
        }
        Set<String> functions = new HashSet<>();
        Set<String> handles = new HashSet<>();
        for (JsonNode candidate : candidates) {
            text(candidate, "manual");
            if (!functions.add(text(candidate, "function")) || !handles.add(text(candidate, "handle"))) {
                throw new Unusable("two candidates share a function or a handle");
            }
        }
        return functions;
    }

    private static String text(JsonNode node, String member) throws Unusable {
        JsonNode value = node.path(member);
        if (!value.isString() || value.stringValue().isBlank()) {
            throw new Unusable("'" + member + "' is missing or no text");
        }
        if (value.stringValue().indexOf('\0') >= 0) {
            throw new Unusable("'" + member + "' holds the character U+0000");
        }
        return value.stringValue();
    }
}
