package io.logicdistillation.inference.functionbase;

import io.logicdistillation.contracts.Bans;
import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.contracts.ProblemType;
import io.logicdistillation.contracts.PublishedFunction;
import io.logicdistillation.contracts.Snapshot;
import io.logicdistillation.contracts.SnapshotChange;
import io.logicdistillation.contracts.StageDefinition;
import io.logicdistillation.contracts.TaskDefinition;
import io.logicdistillation.inference.schemas.JsonSchema;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A snapshot with what decisions look up in it all the time: functions by stage and by what the bans leave of them, compiled schemas, the
 * index of a search. Nothing that a decision asks takes longer where there are more functions. Thread-safe.
 */
public final class PreparedSnapshot {
    private static final Stage NONE = new Stage(List.of());

    private final Snapshot snapshot;
    private final Bans bans;
    private final JsonSchema state;
    private final Map<String, List<JsonSchema>> outputs;
    private final Map<String, Stage> stages;
    private final Map<String, LexicalSearch> searches;
    /** The same snapshot under the bans that were asked for last. */
    private volatile @Nullable PreparedSnapshot underOthers;

    public PreparedSnapshot(Snapshot whole) {
        this.snapshot = untested(whole);
        this.bans = snapshot.bans() == null ? Bans.NONE : snapshot.bans();
        this.outputs = new HashMap<>();
        this.searches = new ConcurrentHashMap<>();
        TaskDefinition task = snapshot.definition();
        this.state = JsonSchema.compile(task.stateSchema());
        for (StageDefinition stage : task.stages()) {
            outputs.put(stage.name(), outputSchemas(task, stage));
        }
        Map<String, List<PublishedFunction>> byStage = new LinkedHashMap<>();
        snapshot.functions().stream()
                .sorted(Comparator.comparing(PublishedFunction::handle))
                .forEach(function -> byStage.computeIfAbsent(function.stage(), first -> new ArrayList<>())
                        .add(function));
        this.stages = new HashMap<>();
        byStage.forEach((stage, functions) -> stages.put(stage, new Stage(functions).under(bans)));
    }

    private PreparedSnapshot(PreparedSnapshot same, Bans bans) {
        this.snapshot = same.snapshot;
        this.bans = bans;
        this.state = same.state;
        this.outputs = same.outputs;
        this.searches = same.searches;
        this.stages = new HashMap<>();
        same.stages.forEach((name, stage) -> stages.put(name, stage.under(bans)));
    }

    /** Tests are for whoever admits a function; of a hundred thousand they are much to keep. */
    private static Snapshot untested(Snapshot whole) {
        return whole.with(whole.functions().stream()
                .map(function -> function.tests().isEmpty() ? function : function.withoutTests())
                .toList());
    }

    /**
     * A stage's functions.
     *
     * @param all ascending by handle, as the lists below
     * @param permitted those that no ban forbids
     * @param pinned of those
     * @param banned names
     */
    private record Stage(
            List<PublishedFunction> all,
            Map<String, PublishedFunction> byName,
            List<PublishedFunction> permitted,
            List<PublishedFunction> pinned,
            List<String> banned) {
        Stage(List<PublishedFunction> all) {
            this(List.copyOf(all), byName(all), List.copyOf(all), pinned(all), List.of());
        }

        private static Map<String, PublishedFunction> byName(List<PublishedFunction> all) {
            Map<String, PublishedFunction> byName = HashMap.newHashMap(all.size());
            all.forEach(function -> byName.put(function.name(), function));
            return byName;
        }

        private static List<PublishedFunction> pinned(List<PublishedFunction> functions) {
            return functions.stream().filter(PublishedFunction::alwaysCandidate).toList();
        }

        Stage under(Bans bans) {
            Set<String> forbidden = new HashSet<>(bans.functions());
            forbidden.retainAll(byName.keySet());
            List<PublishedFunction> left = forbidden.isEmpty()
                    ? all
                    : all.stream()
                            .filter(function -> !forbidden.contains(function.name()))
                            .toList();
            return new Stage(
                    all,
                    byName,
                    left,
                    pinned(left),
                    all.size() == left.size()
                            ? List.of()
                            : all.stream()
                                    .map(PublishedFunction::name)
                                    .filter(forbidden::contains)
                                    .toList());
        }
    }

    /** The same snapshot while these bans are in force. */
    PreparedSnapshot under(Bans inForce) {
        if (inForce.equals(bans)) {
            return this;
        }
        PreparedSnapshot known = underOthers;
        if (known == null || !inForce.equals(known.bans)) {
            known = new PreparedSnapshot(this, inForce);
            underOthers = known;
        }
        return known;
    }

    /** Another snapshot of the task, made of this one; functions that both have are in memory once. */
    PreparedSnapshot changed(SnapshotChange change) {
        Snapshot other = change.snapshot();
        if (other.snapshot().equals(id())) {
            return under(other.bans() == null ? Bans.NONE : other.bans());
        }
        Set<String> gone = new HashSet<>(change.removed());
        other.functions().forEach(function -> gone.add(function.name()));
        return new PreparedSnapshot(other.with(Stream.concat(
                        snapshot.functions().stream().filter(function -> !gone.contains(function.name())),
                        other.functions().stream())
                .toList()));
    }

    /** In force; they keep a function from being a candidate, not from being found by a replay. */
    public Bans bans() {
        return bans;
    }

    /** A stage's functions that are banned, ascending by handle. */
    public List<String> banned(String stage) {
        return stage(stage).banned();
    }

    private static List<JsonSchema> outputSchemas(TaskDefinition task, StageDefinition stage) {
        List<JsonSchema> schemas = new ArrayList<>();
        Map<String, Object> own = stage.outputSchema();
        if (own != null) {
            schemas.add(JsonSchema.compile(own));
        }
        if (stage.equals(task.stages().getLast())) {
            schemas.add(JsonSchema.compile(task.outputSchema()));
        }
        return List.copyOf(schemas);
    }

    public String id() {
        return snapshot.snapshot();
    }

    public TaskDefinition task() {
        return snapshot.definition();
    }

    /** Of the states to decide on. */
    public JsonSchema stateSchema() {
        return state;
    }

    /** What a stage's output must satisfy; the last stage's is the decision's, so the task's schema joins in. */
    public List<JsonSchema> outputSchemas(String stage) {
        return outputs.getOrDefault(stage, List.of());
    }

    private Stage stage(String name) {
        return stages.getOrDefault(name, NONE);
    }

    /** A stage's functions, ascending by handle. */
    public List<PublishedFunction> functions(String stage) {
        return stage(stage).all();
    }

    /** Those of them that no ban forbids. */
    List<PublishedFunction> permitted(String stage) {
        return stage(stage).permitted();
    }

    /** Those of the permitted ones that are candidates whatever the search finds. */
    List<PublishedFunction> pinned(String stage) {
        return stage(stage).pinned();
    }

    /** @throws PlatformException {@link ProblemType#UNKNOWN_FUNCTION} */
    public PublishedFunction function(String stage, String name) {
        return find(stage, name)
                .orElseThrow(() -> new PlatformException(
                        ProblemType.UNKNOWN_FUNCTION,
                        "Stage '" + stage + "' has no function '" + name + "' in snapshot " + id()));
    }

    public Optional<PublishedFunction> find(String stage, String name) {
        return Optional.ofNullable(stage(stage).byName().get(name));
    }

    LexicalSearch search(String stage) {
        return searches.computeIfAbsent(stage, unindexed -> new LexicalSearch(functions(stage)));
    }
}
