package io.logicdistillation.inference.engine;

import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * One stage of one decision, in words. The student reads prefix, context, view and entries, in this order.
 *
 * @param stage names the calibration of the student's manifest that applies
 * @param prefix what all decisions of the stage share, see {@link #prefix(String, String)}
 * @param context what several requests of the same moment share, such as a state about which there are many questions: its keys and
 *     values are computed once for all of them. Mostly empty; recall has none
 * @param view the state in words, or what is asked about the context
 * @param entries the candidates, in any order; handles are unique
 * @param joins whether the entries are new ones beside others that are recalled: then it is rarer that one of them fits
 */
public record ScoringRequest(
        String stage, String prefix, String context, String view, List<Entry> entries, Way way, boolean joins) {
    /** What reading compares after an entry's block: these two, each one token. */
    public static final String YES = " yes";

    public static final String NO = " no";

    public ScoringRequest {
        entries = List.copyOf(entries);
        if (entries.isEmpty()) {
            throw new EngineException(EngineException.Kind.INVALID_REQUEST, "there is no candidate to score");
        }
        if (way == Way.RECALL && !context.isEmpty()) {
            throw new EngineException(EngineException.Kind.INVALID_REQUEST, "recall has no context");
        }
        Set<String> handles = new HashSet<>();
        for (Entry entry : entries) {
            if (!handles.add(entry.handle())) {
                throw new EngineException(
                        EngineException.Kind.INVALID_REQUEST, "two candidates share the handle " + entry.handle());
            }
        }
    }

    /** All candidates of a stage. */
    public ScoringRequest(String stage, String prefix, String view, List<Entry> entries, Way way) {
        this(stage, prefix, "", view, entries, way, false);
    }

    /** One of several questions about the same context. */
    public static ScoringRequest about(String context, String stage, String prefix, String view, List<Entry> entries) {
        return new ScoringRequest(stage, prefix, context, view, entries, Way.READING, false);
    }

    /**
     * All that the model sees by reading when it judges this entry. Beside other entries in one prefill it sees no more, and at the same
     * positions.
     */
    public String reading(Entry entry) {
        return prefix + context + view + "\n" + block(entry);
    }

    /** What a decision model of another maker is told to decide. */
    public String question() {
        return (context.isEmpty() ? prefix : prefix + view).strip();
    }

    /** What it is to decide about. */
    public String state() {
        return context.isEmpty() ? view : context.strip();
    }

    static String block(Entry entry) {
        return "- " + entry.name() + ": " + entry.manual() + "\nFits now:";
    }

    /** The text that opens every prompt of a stage. */
    public static String prefix(String rules, String instruction) {
        return rules + "\n" + instruction + "\n";
    }
}
