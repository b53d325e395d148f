package io.logicdistillation.inference.drift;

import io.logicdistillation.contracts.Decision;
import io.logicdistillation.inference.decisions.Reconsiderations;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/**
 * What a report has found so far; grows by a decision at a time, and is its own saved form. For one thread.
 *
 * @param compared decisions that were decided anew
 * @param changed those whose output would be another, or none
 * @param redacted decisions left out because parts of them were never written
 * @param failed decisions left out because the student or the search could not answer
 * @param causes of the changed outputs, by stage: the first stage whose output differs is to blame
 * @param confusion by stage: {@code was → now} to the number of decisions, where another function was chosen
 * @param examples some decisions of every stage and cause
 */
record Tally(
        int compared,
        int changed,
        int redacted,
        int failed,
        Map<String, Map<String, Integer>> causes,
        Map<String, Map<String, Integer>> confusion,
        List<Example> examples) {
    static final Tally EMPTY = new Tally(0, 0, 0, 0, Map.of(), Map.of(), List.of());
    private static final int EXAMPLES_OF_A_KIND = 3;
    private static final JsonMapper JSON = JsonMapper.shared();

    /** Whose doing a change is. */
    enum Cause {
        /** The student chose another function among the same candidates. */
        MODEL,
        /** The function is another version, is gone, or gave another output from the same source. */
        FUNCTION,
        /** Other candidates were found among the same functions. */
        RETRIEVAL,
        /** The student read other words: the task's view has changed. */
        VIEW
    }

    /** @param now absent if nothing worked */
    record Example(
            String decision,
            String stage,
            String cause,
            String was,
            @Nullable String now,
            Object recorded,
            @Nullable Object output) {}

    Tally withRedacted() {
        return new Tally(compared, changed, redacted + 1, failed, causes, confusion, examples);
    }

    Tally withFailed() {
        return new Tally(compared, changed, redacted, failed + 1, causes, confusion, examples);
    }

    Tally with(Decision decision, List<Reconsiderations.Stage> anew, VersionOf versions) {
        Map<String, Map<String, Integer>> confused = copy(confusion);
        Map<String, Map<String, Integer>> blamed = copy(causes);
        List<Example> shown = new ArrayList<>(examples);
        boolean other = !same(decision.output(), anew.getLast().output())
                || anew.size() != decision.stages().size();
        boolean blame = other;
        for (int i = 0; i < Math.min(anew.size(), decision.stages().size()); i++) {
            Decision.Stage was = decision.stages().get(i);
            Reconsiderations.Stage now = anew.get(i);
            if (!was.chosen().equals(now.chosen())) {
                count(confused, was.stage(), was.chosen() + " → " + (now.chosen() == null ? "nothing" : now.chosen()));
            }
            if (blame && (!same(was.output(), now.output()) || !was.stage().equals(now.stage()))) {
                Cause cause = cause(was, now, versions);
                count(blamed, was.stage(), cause.name().toLowerCase(Locale.ROOT));
                example(shown, decision, was, now, cause);
                blame = false;
            }
        }
        return new Tally(compared + 1, changed + (other ? 1 : 0), redacted, failed, blamed, confused, shown);
    }

    /** What version a function has in the snapshot of now. */
    @FunctionalInterface
    interface VersionOf {
        @Nullable
        String of(String stage, String function);
    }

    private static Cause cause(Decision.Stage was, Reconsiderations.Stage now, VersionOf versions) {
        Map<String, String> before = Reconsiderations.candidates(was);
        if (was.chosen().equals(now.chosen())) {
            return Cause.FUNCTION;
        }
        if (!String.valueOf(before.get(was.chosen())).equals(versions.of(was.stage(), was.chosen()))) {
            return Cause.FUNCTION;
        }
        if (!was.view().equals(now.view())) {
            return Cause.VIEW;
        }
        if (now.chosen() == null) {
            return Cause.FUNCTION;
        }
        return before.equals(now.candidates()) ? Cause.MODEL : Cause.RETRIEVAL;
    }

    private static void example(
            List<Example> shown, Decision decision, Decision.Stage was, Reconsiderations.Stage now, Cause cause) {
        String name = cause.name().toLowerCase(Locale.ROOT);
        long alike = shown.stream()
                .filter(each -> each.stage().equals(was.stage()) && each.cause().equals(name))
                .count();
        if (alike < EXAMPLES_OF_A_KIND) {
            shown.add(new Example(
                    decision.id(), was.stage(), name, was.chosen(), now.chosen(), was.output(), now.output()));
        }
    }

    private static boolean same(Object one, @Nullable Object other) {
        return other != null && JSON.valueToTree(one).equals(JSON.valueToTree(other));
    }

    private static void count(Map<String, Map<String, Integer>> counts, String stage, String what) {
        counts.computeIfAbsent(stage, none -> new LinkedHashMap<>()).merge(what, 1, Integer::sum);
    }

    private static Map<String, Map<String, Integer>> copy(Map<String, Map<String, Integer>> counts) {
        Map<String, Map<String, Integer>> copy = new LinkedHashMap<>();
        counts.forEach((stage, inner) -> copy.put(stage, new LinkedHashMap<>(inner)));
        return copy;
    }
}
