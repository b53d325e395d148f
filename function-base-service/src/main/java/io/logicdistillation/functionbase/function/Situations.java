package io.logicdistillation.functionbase.function;

import io.logicdistillation.contracts.FunctionDefinition;
import io.logicdistillation.contracts.StageDefinition;
import io.logicdistillation.contracts.TaskDefinition;
import io.logicdistillation.functionbase.json.CanonicalJson;
import io.logicdistillation.functionbase.json.StateGenerator;
import io.logicdistillation.functionbase.sandbox.Outcome;
import io.logicdistillation.functionbase.sandbox.Sandbox;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * States that a task's schema allows, each with what functions of the earlier stages make of it. The same task, functions and seed
 * give the same situations. Thread-safe; what the first of several threads asks for, the others wait for.
 */
public final class Situations {
    /** Times the wanted number of states: where there are few different ones, not all of them are found. */
    private static final int TRIES = 4;
    /** Times the usual length of lists and texts. */
    private static final int LARGEST = 64;
    /** In characters; a state that is larger may need more memory than a function has, whatever the function does. */
    private static final int LARGEST_STATE = 200_000;

    private final String tenant;
    private final TaskDefinition task;
    private final List<FunctionDefinition> functions;
    private final Sandbox sandbox;
    private final List<Map<String, Object>> states;
    private final long seed;
    private final Map<String, List<Situation>> byStage = new HashMap<>();
    private final Map<String, List<Situation>> grownByStage = new HashMap<>();
    private @Nullable List<Map<String, Object>> grown;

    /**
     * @param functions that have passed a verification; on the outputs of the earlier stages' the later ones build
     * @param count of states, the schema's examples first; fewer where the schema is hard to satisfy
     */
    Situations(
            Sandbox sandbox,
            String tenant,
            TaskDefinition task,
            List<FunctionDefinition> functions,
            int count,
            long seed) {
        this.sandbox = sandbox;
        this.tenant = tenant;
        this.task = task;
        this.functions = new ArrayList<>(functions);
        this.seed = seed;
        this.states = states(task, count, seed);
    }

    /**
     * @param earlier outputs of the earlier stages by stage
     * @param real whether every earlier stage gave its output; else {@code earlier} is none that a decision could have
     */
    public record Situation(Map<String, Object> state, Map<String, Object> earlier, boolean real) {}

    @SuppressWarnings("unchecked") // an example of a state has been checked to be an object
    private static List<Map<String, Object>> states(TaskDefinition task, int count, long seed) {
        Map<String, Map<String, Object>> made = new LinkedHashMap<>();
        if (task.stateSchema().get("examples") instanceof List<?> examples) {
            examples.stream()
                    .limit(count)
                    .forEach(example -> made.put(CanonicalJson.of(example), (Map<String, Object>) example));
        }
        StateGenerator generator = new StateGenerator(task.stateSchema(), seed);
        for (int tries = 0; made.size() < count && tries < TRIES * count; tries++) {
            generator.next().ifPresent(state -> made.putIfAbsent(CanonicalJson.of(state), state));
        }
        return List.copyOf(made.values());
    }

    /** States that get larger from one to the next, and are larger than all others; none where the schema has nothing that grows. */
    private List<Map<String, Object>> grown() {
        if (grown != null) {
            return grown;
        }
        int largest = states.stream().mapToInt(Situations::length).max().orElse(0);
        List<Map<String, Object>> found = new ArrayList<>();
        for (int times = 4; times <= LARGEST; times *= 4) {
            StateGenerator generator = new StateGenerator(task.stateSchema(), seed, times);
            Optional<Map<String, Object>> larger = generator.next();
            for (int tries = 1; tries < TRIES && larger.isPresent() && length(larger.get()) <= largest; tries++) {
                larger = generator.next();
            }
            int characters = larger.map(Situations::length).orElse(0);
            if (characters > largest && characters <= LARGEST_STATE) {
                largest = characters;
                found.add(larger.get());
            }
        }
        grown = found;
        return found;
    }

    static int length(Map<String, Object> state) {
        return CanonicalJson.of(state).length();
    }

    /** For a stage, with what the earlier stages make of them. */
    synchronized List<Situation> grown(String stage) {
        return grownByStage.computeIfAbsent(stage, name -> situations(name, grown()));
    }

    /** A further function that passed: the later stages build on it too. It must not come after those have been asked for. */
    public synchronized void join(FunctionDefinition passed) {
        functions.add(passed);
    }

    /** The situations of a stage, as many as there are states. */
    public synchronized List<Situation> of(String stage) {
        return byStage.computeIfAbsent(stage, name -> situations(name, states));
    }

    private List<Situation> situations(String stage, List<Map<String, Object>> of) {
        List<Situation> found = new ArrayList<>();
        for (int turn = 0; turn < of.size(); turn++) {
            found.add(situation(stage, of.get(turn), turn));
        }
        return found;
    }

    private Situation situation(String stage, Map<String, Object> state, int turn) {
        Map<String, Object> earlier = task.earlier(List.of());
        boolean real = true;
        for (StageDefinition before : task.stages()) {
            if (before.name().equals(stage)) {
                break;
            }
            List<FunctionDefinition> of = functions.stream()
                    .filter(function -> function.stage().equals(before.name()))
                    .toList();
            real &= decide(of, before.name(), state, earlier, turn);
        }
        return new Situation(state, earlier, real);
    }

    /** The first function in turn that gives an output decides. */
    private boolean decide(
            List<FunctionDefinition> of,
            String stage,
            Map<String, Object> state,
            Map<String, Object> earlier,
            int turn) {
        for (int tried = 0; tried < of.size(); tried++) {
            FunctionDefinition function = of.get((turn + tried) % of.size());
            if (sandbox.run(tenant, function, state, earlier) instanceof Outcome.Gave(Object output, var took)) {
                earlier.put(stage, output);
                return true;
            }
        }
        return false;
    }
}
