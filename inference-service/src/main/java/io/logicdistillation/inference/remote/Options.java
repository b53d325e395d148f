package io.logicdistillation.inference.remote;

import io.logicdistillation.inference.engine.Entry;
import io.logicdistillation.languagemodel.Failure;
import io.logicdistillation.languagemodel.ModelException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** The entries of a stage as the options of a choice, and one more that says that none of them fits. Immutable. */
final class Options {
    /** What both formats allow. */
    private static final int MOST = 255;

    private final List<Entry> entries;
    private final String none;

    /** @throws ModelException if these entries can not be the options of one choice */
    Options(List<Entry> entries) {
        Set<String> names = new HashSet<>();
        for (Entry entry : entries) {
            if (!names.add(entry.name())) {
                throw new ModelException(Failure.REJECTED, "two options have the name '" + entry.name() + "'", null);
            }
        }
        if (entries.size() >= MOST) {
            throw new ModelException(Failure.TOO_LONG, "a choice has at most " + MOST + " options", null);
        }
        String free = "none_of_these";
        while (names.contains(free)) {
            free += "_";
        }
        this.entries = List.copyOf(entries);
        this.none = free;
    }

    List<Entry> entries() {
        return entries;
    }

    String none() {
        return none;
    }

    /** Names in the order of a judgement. */
    List<String> names() {
        List<String> names = new ArrayList<>();
        entries.forEach(entry -> names.add(entry.name()));
        names.add(none);
        return names;
    }
}
