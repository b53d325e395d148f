package io.logicdistillation.inference.engine;

import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * One stage of one decision, in words.
 *
 * @param stage names the calibration of the student's manifest that applies
 * @param prefix what all decisions of the stage share, see {@link #prefix(String, String)}
 * @param view the state in words
 * @param entries the candidates, in any order; handles are unique
 * @param joins whether the entries are new ones beside others that are recalled: then it is rarer that one of them fits
 */
public record ScoringRequest(String stage, String prefix, String view, List<Entry> entries, Way way, boolean joins) {
    /** What reading compares after an entry's block: these two, each one token. */
    public static final String YES = " yes";

    public static final String NO = " no";

    public ScoringRequest {
        entries = List.copyOf(entries);
        if (entries.isEmpty()) {
            throw new EngineException(EngineException.Kind.INVALID_REQUEST, "there is no candidate to score");
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
        this(stage, prefix, view, entries, way, false);
    }

    /**
     * All that the model sees by reading when it judges this entry. Beside other entries in one prefill it sees no more, and at the same
     * positions.
     */
    public String reading(Entry entry) {
        return prefix + view + "\n" + block(entry);
    }

    static String block(Entry entry) {
        return "- " + entry.name() + ": " + entry.manual() + "\nFits now:";
    }

    /** The text that opens every prompt of a stage. */
    public static String prefix(String rules, String instruction) {
        return rules + "\n" + instruction + "\n";
    }
}
