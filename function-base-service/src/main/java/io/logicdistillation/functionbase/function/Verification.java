package io.logicdistillation.functionbase.function;

import io.logicdistillation.contracts.FunctionDefinition;
import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.contracts.ProblemType;
import io.logicdistillation.contracts.StageDefinition;
import io.logicdistillation.contracts.TaskDefinition;
import io.logicdistillation.functionbase.json.Schema;
import io.logicdistillation.functionbase.sandbox.Sandbox;
import io.logicdistillation.functionbase.sandbox.StaticCheck;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.springframework.stereotype.Component;

/**
 * Verifies functions: what their text may hold, their own tests, properties on states made from the task's schema, and the same
 * answer when asked again, in a fresh sandbox too. Thread-safe.
 */
@Component
public final class Verification {
    private static final int MOST_SHOWN = 20;
    private static final long SEED = 1;
    private static final long OTHER_SEED = 2;
    /** A long list shares so many states, so that taking it does not last hours. */
    private static final int STATES_OF_A_LIST = 10_000;

    private static final int FEWEST_STATES = 20;
    /** So long at least a function of a list is tried on states. */
    private static final Duration SHORTEST = Duration.ofMillis(500);

    private final Sandbox sandbox;
    private final StaticCheck texts;

    Verification(Sandbox sandbox, StaticCheck texts) {
        this.sandbox = sandbox;
        this.texts = texts;
    }

    /** How closely a function is looked at. */
    public enum Depth {
        /** Written by people, who wait for the answer, at the gateway for half a minute; a list of functions shares the time. */
        SUPPLIED(200, Duration.ofSeconds(10)),
        /** Written by an L-LLM; nobody waits, and nobody has vouched for it. */
        GENERATED(2_000, Duration.ofMinutes(2));

        private final int states;
        private final Duration longest;

        Depth(int states, Duration longest) {
            this.states = states;
            this.longest = longest;
        }

        public int states() {
            return states;
        }

        /** After which no further state is tried; the report says how many were. */
        Duration longest() {
            return longest;
        }
    }

    /**
     * Verifies supplied functions, all or none.
     *
     * @param companions functions of the task that they will stand beside; their outputs are what later stages are tried with
     * @return the report of every function, in their order; each of a stage that the task has
     * @throws PlatformException {@link ProblemType#INVALID_FUNCTION} naming every refused function with its first failure
     */
    public List<Report> require(
            String tenant,
            TaskDefinition task,
            List<FunctionDefinition> functions,
            List<FunctionDefinition> companions) {
        if (functions.isEmpty()) {
            return List.of();
        }
        Situations situations =
                situations(tenant, task, others(functions, companions), statesOfAList(functions.size()));
        Duration longest = longestOfAList(functions.size());
        Map<FunctionDefinition, Report> reports = new LinkedHashMap<>();
        for (StageDefinition stage : task.stages()) {
            for (FunctionDefinition function : functions) {
                if (function.stage().equals(stage.name())) {
                    Report report = examined(tenant, task, function, situations, Depth.SUPPLIED, longest);
                    reports.put(function, report);
                    if (report.passed()) {
                        situations.join(function);
                    }
                }
            }
        }
        List<Report.Refusal> refusals = new ArrayList<>();
        List<Report> inOrder = new ArrayList<>();
        for (FunctionDefinition function : functions) {
            Report report = Objects.requireNonNull(reports.get(function));
            inOrder.add(report);
            if (report.refusal() != null) {
                refusals.add(report.refusal());
            }
        }
        if (!refusals.isEmpty()) {
            throw refused(refusals);
        }
        return inOrder;
    }

    /** On how many states each of so many supplied functions is tried: a long list shares them. */
    public static int statesOfAList(int functions) {
        return Math.max(FEWEST_STATES, Math.min(Depth.SUPPLIED.states(), STATES_OF_A_LIST / Math.max(1, functions)));
    }

    private static Duration longestOfAList(int functions) {
        Duration share = Depth.SUPPLIED.longest().dividedBy(Math.max(1, functions));
        return share.compareTo(SHORTEST) > 0 ? share : SHORTEST;
    }

    /** States of the task with what these functions make of them, the same at every call. */
    public Situations situations(String tenant, TaskDefinition task, List<FunctionDefinition> functions, int states) {
        return new Situations(sandbox, tenant, task, functions, states, SEED);
    }

    /** Like {@link #situations}, with other states. */
    public Situations otherSituations(
            String tenant, TaskDefinition task, List<FunctionDefinition> functions, int states) {
        return new Situations(sandbox, tenant, task, functions, states, OTHER_SEED);
    }

    /** Looks at one function; never throws for what is wrong with it. */
    public Report verify(
            String tenant, TaskDefinition task, FunctionDefinition function, Situations situations, Depth depth) {
        return examined(tenant, task, function, situations, depth, depth.longest());
    }

    /** Looks at one of so many supplied functions, by {@link #statesOfAList so many states} at most; never throws for what is wrong with it. */
    public Report verifyOfAList(
            String tenant, TaskDefinition task, FunctionDefinition function, Situations situations, int listed) {
        return examined(tenant, task, function, situations, Depth.SUPPLIED, longestOfAList(listed));
    }

    private Report examined(
            String tenant,
            TaskDefinition task,
            FunctionDefinition function,
            Situations situations,
            Depth depth,
            Duration longest) {
        List<Schema> schemas = outputSchemas(task, task.stage(function.stage()));
        StaticCheck.Findings findings = texts.of(function.language(), function.source());
        return new Examination(tenant, function, sandbox, schemas, depth, longest)
                .report(findings, new Examination.Material(situations, function.stage()), SEED);
    }

    /** Companions that no function of the list replaces. */
    private static List<FunctionDefinition> others(
            List<FunctionDefinition> functions, List<FunctionDefinition> companions) {
        Set<String> names = functions.stream().map(FunctionDefinition::name).collect(Collectors.toSet());
        return companions.stream()
                .filter(companion -> !names.contains(companion.name()))
                .toList();
    }

    private static PlatformException refused(List<Report.Refusal> refusals) {
        Report.Refusal first = refusals.getFirst();
        Map<String, Object> extensions = new LinkedHashMap<>();
        extensions.put("function", first.function());
        if (first.test() != null) {
            extensions.put("test", first.test());
        }
        extensions.put("cause", first.cause());
        extensions.put("failures", refusals.stream().limit(MOST_SHOWN).toList());
        String place = first.test() == null ? "" : ", test " + first.test();
        return new PlatformException(
                ProblemType.INVALID_FUNCTION,
                "Function '" + first.function() + "'" + place + ": " + first.message(),
                extensions);
    }

    /** The last stage's output is the decision's, so the task's own schema holds for it too. */
    private static List<Schema> outputSchemas(TaskDefinition task, StageDefinition stage) {
        List<Schema> schemas = new ArrayList<>();
        if (stage.outputSchema() != null) {
            schemas.add(Schema.of(stage.outputSchema()));
        }
        if (stage.equals(task.stages().getLast())) {
            schemas.add(Schema.of(task.outputSchema()));
        }
        return schemas;
    }
}
