package io.logicdistillation.functionbase.generation;

import io.logicdistillation.contracts.FunctionDefinition;
import io.logicdistillation.contracts.FunctionTest;
import io.logicdistillation.functionbase.function.Situations.Situation;
import io.logicdistillation.functionbase.json.CanonicalJson;
import io.logicdistillation.functionbase.sandbox.Outcome;
import io.logicdistillation.functionbase.sandbox.Sandbox;
import io.logicdistillation.functionbase.sandbox.StaticCheck;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What functions do on states: which do the same, and for which states none is. For one thread. */
final class Behaviour {
    private final String tenant;
    private final Sandbox sandbox;
    private final StaticCheck texts;
    private final Map<FunctionDefinition, List<String>> outputs = new HashMap<>();

    Behaviour(String tenant, Sandbox sandbox, StaticCheck texts) {
        this.tenant = tenant;
        this.sandbox = sandbox;
        this.texts = texts;
    }

    /**
     * A function that does what another one does: the same source but for white space, or the same outputs on every situation and on
     * the states of both functions' tests. Two that differ only in when they apply are one piece of logic.
     */
    Optional<FunctionDefinition> sameAs(
            FunctionDefinition function, List<FunctionDefinition> others, List<Situation> situations) {
        return others.stream()
                .filter(other -> other.stage().equals(function.stage()))
                .filter(other -> squeezed(other).equals(squeezed(function)) || behavesAs(function, other, situations))
                .findFirst();
    }

    static String squeezed(FunctionDefinition function) {
        return function.language() + "\n"
                + function.source().replaceAll("\\s+", " ").strip();
    }

    private boolean behavesAs(FunctionDefinition one, FunctionDefinition other, List<Situation> situations) {
        if (!outputs(one, situations).equals(outputs(other, situations))) {
            return false;
        }
        List<FunctionTest> tests = new ArrayList<>(one.tests());
        tests.addAll(other.tests());
        return tests.stream()
                .allMatch(test ->
                        output(one, test.state(), test.earlier()).equals(output(other, test.state(), test.earlier())));
    }

    private List<String> outputs(FunctionDefinition function, List<Situation> situations) {
        List<String> known = outputs.get(function);
        if (known == null) {
            known = situations.stream()
                    .map(situation -> output(function, situation.state(), situation.earlier()))
                    .toList();
            outputs.put(function, known);
        }
        return known;
    }

    private String output(FunctionDefinition function, Map<String, Object> state, Map<String, Object> earlier) {
        return switch (sandbox.run(tenant, function, state, earlier)) {
            case Outcome.Gave gave -> CanonicalJson.of(gave.value());
            case Outcome.Failed failed -> failed.cause();
        };
    }

    /**
     * Situations for which no function of the stage is. A function is for a situation if its {@code applies} says so; one without
     * {@code applies} is only for the states of its own tests, since nothing else in it says when to use it.
     */
    List<Situation> uncovered(List<FunctionDefinition> functions, List<Situation> situations) {
        return situations.stream()
                .filter(situation -> functions.stream().noneMatch(function -> isFor(function, situation)))
                .toList();
    }

    private boolean isFor(FunctionDefinition function, Situation situation) {
        if (!texts.declaresApplies(function)) {
            return function.tests().stream()
                    .anyMatch(test -> CanonicalJson.of(test.state()).equals(CanonicalJson.of(situation.state())));
        }
        return sandbox.applies(tenant, function.language(), function.source(), situation.state(), situation.earlier())
                .saysYes();
    }
}
