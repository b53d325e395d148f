package io.logicdistillation.functionbase.coverage;

import io.logicdistillation.contracts.PublishedFunction;
import io.logicdistillation.functionbase.coverage.Coverage.Finding;
import io.logicdistillation.functionbase.coverage.Coverage.Overlap;
import io.logicdistillation.functionbase.coverage.Coverage.Suggestion;
import io.logicdistillation.functionbase.function.StoredFunction;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Which functions of one stage could go. For one thread. */
final class Trimming {
    /** Decisions in which a function could have been chosen, before its never having been says something. */
    static final int EVIDENCE = 20;

    private final List<Used> functions;
    private final Map<String, List<Overlap>> overlaps = new HashMap<>();
    private final boolean decided;
    private final long candidates;

    /** A function with what is known of its use; the counts are zero where nothing is. */
    record Used(StoredFunction stored, long candidate, long chosen, boolean known) {
        PublishedFunction function() {
            return stored.function();
        }

        /** @param decided whether the log has decisions of the stage */
        Optional<Finding> finding(boolean decided) {
            if (!known || !decided || chosen > 0) {
                return Optional.empty();
            }
            return Optional.of(
                    candidate == 0
                            ? Finding.NEVER_RETRIEVED
                            : candidate < EVIDENCE ? Finding.NEVER_CHOSEN : Finding.ALWAYS_LOSING);
        }
    }

    /** @param functions of one stage @param overlaps between them */
    Trimming(List<Used> functions, List<Overlap> overlaps) {
        this.functions = functions;
        this.decided = isDecided(functions);
        this.candidates = functions.stream().mapToLong(Used::candidate).sum();
        for (Overlap overlap : overlaps) {
            this.overlaps
                    .computeIfAbsent(overlap.one(), name -> new ArrayList<>())
                    .add(overlap);
            this.overlaps
                    .computeIfAbsent(overlap.other(), name -> new ArrayList<>())
                    .add(overlap);
        }
    }

    /** What is left after them has a function of the stage still. */
    List<Suggestion> suggestions() {
        List<Suggestion> found = new ArrayList<>(overlapping());
        Set<String> gone = new HashSet<>();
        found.forEach(suggestion -> gone.add(suggestion.function()));
        List<Used> unused = functions.stream()
                .filter(each -> !gone.contains(each.function().name()))
                .filter(Predicate.not(Trimming::isPinned))
                .filter(this::isUnused)
                .toList();
        if (gone.size() + unused.size() < functions.size()) {
            unused.forEach(each -> found.add(unused(each)));
        }
        return found;
    }

    /**
     * The better ones stay, and of the others each that does what one of those does may go. What is pinned has no part in it: it comes
     * and goes with its emergency.
     */
    private List<Suggestion> overlapping() {
        List<Suggestion> found = new ArrayList<>();
        Set<String> kept = new HashSet<>();
        for (Used each : functions.stream().sorted(BEST_FIRST).toList()) {
            if (isPinned(each)) {
                continue;
            }
            Optional<Overlap> same = sameAsOneOf(kept, each.function());
            if (same.isPresent()) {
                found.add(overlapping(each, same.get()));
            } else {
                kept.add(each.function().name());
            }
        }
        return found;
    }

    private static final Comparator<Used> BEST_FIRST = Comparator.comparingLong(Used::chosen)
            .thenComparingLong(Used::candidate)
            .reversed()
            .thenComparing(each -> each.function().name());

    private Optional<Overlap> sameAsOneOf(Set<String> kept, PublishedFunction function) {
        return overlaps.getOrDefault(function.name(), List.of()).stream()
                .filter(overlap -> kept.contains(beside(overlap, function.name())))
                .findFirst();
    }

    private static String beside(Overlap overlap, String name) {
        return overlap.one().equals(name) ? overlap.other() : overlap.one();
    }

    private static boolean isPinned(Used each) {
        return each.function().alwaysCandidate();
    }

    /** Where many functions share few decisions, that one was never found says nothing. */
    private boolean isUnused(Used each) {
        Optional<Finding> finding = each.finding(decided);
        return finding.filter(Finding.ALWAYS_LOSING::equals).isPresent()
                || (finding.filter(Finding.NEVER_RETRIEVED::equals).isPresent()
                        && candidates >= (long) EVIDENCE * functions.size());
    }

    /** Whether the log has decisions of the stage that these functions are of. */
    static boolean isDecided(List<Used> functions) {
        return functions.stream().anyMatch(each -> each.candidate() > 0);
    }

    private static Suggestion overlapping(Used each, Overlap overlap) {
        String keep = beside(overlap, each.function().name());
        return suggestion(
                each,
                "overlapping",
                keep,
                "It gives what '%s' gives for %d of the %d made states that both are for"
                        .formatted(keep, overlap.alike(), overlap.together()));
    }

    private static Suggestion unused(Used each) {
        return each.candidate() == 0
                ? suggestion(each, "never-retrieved", null, "No search found it")
                : suggestion(
                        each,
                        "always-losing",
                        null,
                        "It could be chosen in %d decisions and never was".formatted(each.candidate()));
    }

    private static Suggestion suggestion(Used each, String cause, @Nullable String keep, String reason) {
        PublishedFunction function = each.function();
        return new Suggestion(function.stage(), function.name(), function.version(), cause, keep, reason);
    }
}
