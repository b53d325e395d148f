package io.logicdistillation.functionbase.snapshot;

import io.logicdistillation.contracts.PublishedFunction;
import io.logicdistillation.contracts.Snapshot;
import io.logicdistillation.contracts.StageDefinition;
import io.logicdistillation.contracts.TaskDefinition;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What makes one snapshot another.
 *
 * @param definition the parts of the task that differ, such as {@code rules} or {@code stages/move}
 */
record SnapshotDiff(
        String from,
        String to,
        List<PublishedFunction> added,
        List<PublishedFunction> removed,
        List<Changed> changed,
        List<String> definition) {
    /** @param members that differ, such as {@code source} */
    record Changed(String function, String from, String to, List<String> members) {}

    static SnapshotDiff of(Snapshot from, Snapshot to) {
        Map<String, PublishedFunction> before = byName(from);
        Map<String, PublishedFunction> after = byName(to);
        List<Changed> changed = new ArrayList<>();
        before.forEach((name, old) -> {
            PublishedFunction now = after.get(name);
            if (now != null && !now.version().equals(old.version())) {
                changed.add(new Changed(name, old.version(), now.version(), members(old, now)));
            }
        });
        return new SnapshotDiff(
                from.snapshot(),
                to.snapshot(),
                without(after, before),
                without(before, after),
                changed,
                parts(from.definition(), to.definition()));
    }

    private static Map<String, PublishedFunction> byName(Snapshot snapshot) {
        return snapshot.functions().stream()
                .collect(Collectors.toMap(
                        PublishedFunction::name, function -> function, (one, other) -> other, TreeMap::new));
    }

    private static List<PublishedFunction> without(
            Map<String, PublishedFunction> some, Map<String, PublishedFunction> others) {
        return some.values().stream()
                .filter(function -> !others.containsKey(function.name()))
                .toList();
    }

    private static List<String> members(PublishedFunction old, PublishedFunction now) {
        List<String> members = new ArrayList<>();
        note(members, "stage", old.stage(), now.stage());
        note(members, "handle", old.handle(), now.handle());
        note(members, "manual", old.manual(), now.manual());
        note(members, "language", old.language(), now.language());
        note(members, "source", old.source(), now.source());
        note(members, "tests", old.tests(), now.tests());
        note(members, "pinned", old.pinned(), now.pinned());
        return members;
    }

    private static List<String> parts(TaskDefinition from, TaskDefinition to) {
        List<String> parts = new ArrayList<>();
        note(parts, "title", from.title(), to.title());
        note(parts, "rules", from.rules(), to.rules());
        note(parts, "stateSchema", from.stateSchema(), to.stateSchema());
        note(parts, "outputSchema", from.outputSchema(), to.outputSchema());
        note(parts, "memory", from.memory(), to.memory());
        Map<String, StageDefinition> before = stages(from);
        Map<String, StageDefinition> after = stages(to);
        TreeSet<String> names = new TreeSet<>(before.keySet());
        names.addAll(after.keySet());
        names.forEach(name -> note(parts, "stages/" + name, before.get(name), after.get(name)));
        return parts;
    }

    private static Map<String, StageDefinition> stages(TaskDefinition task) {
        return task.stages().stream().collect(Collectors.toMap(StageDefinition::name, stage -> stage));
    }

    private static void note(List<String> differing, String what, @Nullable Object from, @Nullable Object to) {
        if (!Objects.equals(from, to)) {
            differing.add(what);
        }
    }
}
