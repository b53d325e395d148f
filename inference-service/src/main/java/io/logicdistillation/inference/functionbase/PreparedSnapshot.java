package io.logicdistillation.inference.functionbase;

import io.logicdistillation.contracts.Bans;
import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.contracts.ProblemType;
import io.logicdistillation.contracts.PublishedFunction;
import io.logicdistillation.contracts.Snapshot;
import io.logicdistillation.contracts.StageDefinition;
import io.logicdistillation.contracts.TaskDefinition;
import io.logicdistillation.inference.schemas.JsonSchema;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** A snapshot with what decisions look up in it all the time: functions by stage, compiled schemas, the index of a search. */
public final class PreparedSnapshot {
    private final Snapshot snapshot;
    private final Bans bans;
    private final JsonSchema state;
    private final Map<String, List<JsonSchema>> outputs;
    private final Map<String, Map<String, PublishedFunction>> functions;
    private final Map<String, LexicalSearch> searches;

    public PreparedSnapshot(Snapshot snapshot) {
        this.snapshot = snapshot;
        this.bans = snapshot.bans() == null ? Bans.NONE : snapshot.bans();
        this.outputs = new HashMap<>();
        this.functions = new HashMap<>();
        this.searches = new ConcurrentHashMap<>();
        TaskDefinition task = snapshot.definition();
        this.state = JsonSchema.compile(task.stateSchema());
        for (StageDefinition stage : task.stages()) {
            outputs.put(stage.name(), outputSchemas(task, stage));
            functions.put(stage.name(), new LinkedHashMap<>());
        }
        snapshot.functions().stream()
                .sorted(Comparator.comparing(PublishedFunction::handle))
                .forEach(function -> functions
                        .computeIfAbsent(function.stage(), unlisted -> new LinkedHashMap<>())
                        .put(function.name(), function));
    }

    private PreparedSnapshot(PreparedSnapshot same, Bans bans) {
        this.snapshot = same.snapshot;
        this.bans = bans;
        this.state = same.state;
        this.outputs = same.outputs;
        this.functions = same.functions;
        this.searches = same.searches;
    }

    /** The same snapshot while these bans are in force. */
    PreparedSnapshot under(Bans inForce) {
        return inForce.equals(bans) ? this : new PreparedSnapshot(this, inForce);
    }

    /** In force; they keep a function from being a candidate, not from being found by a replay. */
    public Bans bans() {
        return bans;
    }

    /** A stage's functions that are banned, ascending by handle. */
    public List<String> banned(String stage) {
        return functions(stage).stream()
                .map(PublishedFunction::name)
                .filter(bans::forbid)
                .toList();
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

    /** A stage's functions, ascending by handle. */
    public List<PublishedFunction> functions(String stage) {
        return List.copyOf(functions.getOrDefault(stage, Map.of()).values());
    }

    /** @throws PlatformException {@link ProblemType#UNKNOWN_FUNCTION} */
    public PublishedFunction function(String stage, String name) {
        return find(stage, name)
                .orElseThrow(() -> new PlatformException(
                        ProblemType.UNKNOWN_FUNCTION,
                        "Stage '" + stage + "' has no function '" + name + "' in snapshot " + id()));
    }

    Optional<PublishedFunction> find(String stage, String name) {
        return Optional.ofNullable(functions.getOrDefault(stage, Map.of()).get(name));
    }

    LexicalSearch search(String stage) {
        return searches.computeIfAbsent(stage, unindexed -> new LexicalSearch(functions(stage)));
    }
}
