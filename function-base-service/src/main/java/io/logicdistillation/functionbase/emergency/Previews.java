package io.logicdistillation.functionbase.emergency;

import io.logicdistillation.contracts.Decision;
import io.logicdistillation.contracts.FunctionDefinition;
import io.logicdistillation.contracts.StageDefinition;
import io.logicdistillation.contracts.TaskDefinition;
import io.logicdistillation.functionbase.json.CanonicalJson;
import io.logicdistillation.functionbase.json.StateGenerator;
import io.logicdistillation.functionbase.sandbox.Outcome;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/** Makes previews: runs condition and function over logged and generated states, and stores nothing. Thread-safe. */
@Component
class Previews {
    private static final Logger log = LoggerFactory.getLogger(Previews.class);
    private static final Duration LONGEST = Duration.ofSeconds(10);
    private static final int MOST_CHANGES = 50;
    private static final int MOST_EXAMPLES = 10;

    private final DecisionHistory history;
    private final Applicability applicability;

    Previews(DecisionHistory history, Applicability applicability) {
        this.history = history;
        this.applicability = applicability;
    }

    /** @param functions of the active snapshot */
    Preview of(String tenant, TaskDefinition task, List<FunctionDefinition> functions, EmergencyRequest request) {
        return new Preview(
                task.name(),
                request.pinned().stage(),
                request.pinned().name(),
                logged(tenant, task, request),
                generated(tenant, task, functions, request),
                Preview.NOTE);
    }

    private Preview.Logged logged(String tenant, TaskDefinition task, EmergencyRequest request) {
        List<Decision> decisions;
        try {
            decisions = history.last(tenant, task.name(), request.scope().lastDecisions());
        } catch (RuntimeException failure) {
            log.warn("The log could not be read for a preview: {}", failure.toString());
            return new Preview.Logged(0, 0, 0, 0, List.of(), "The inference service's log could not be read");
        }
        Tally tally = new Tally();
        List<Preview.Change> changes = new ArrayList<>();
        long start = System.nanoTime();
        for (Decision decision : decisions) {
            if (System.nanoTime() - start > LONGEST.toNanos()) {
                break;
            }
            tally.considered++;
            change(tenant, task, request, decision, tally).ifPresent(changes::add);
        }
        return new Preview.Logged(
                tally.considered,
                tally.applies,
                changes.size(),
                tally.failed,
                changes.stream().limit(MOST_CHANGES).toList(),
                null);
    }

    private Optional<Preview.Change> change(
            String tenant, TaskDefinition task, EmergencyRequest request, Decision decision, Tally tally) {
        Map<String, Object> earlier = task.earlier(Decision.Memory.told(decision.memory()));
        Map<String, Object> state = decision.state() == null ? Map.of() : decision.state();
        for (Decision.Stage stage : decision.stages()) {
            if (stage.stage().equals(request.pinned().stage())) {
                return output(tenant, request, state, earlier, tally)
                        .filter(output -> !CanonicalJson.of(output).equals(CanonicalJson.of(stage.output())))
                        .map(output -> new Preview.Change(
                                decision.id(), decision.decidedAt(), stage.chosen(), stage.output(), output));
            }
            earlier.put(stage.stage(), stage.output());
        }
        return Optional.empty();
    }

    private Preview.Generated generated(
            String tenant, TaskDefinition task, List<FunctionDefinition> functions, EmergencyRequest request) {
        long seed = request.scope().from();
        StateGenerator states = new StateGenerator(task.stateSchema(), seed);
        Tally tally = new Tally();
        List<Preview.Example> examples = new ArrayList<>();
        long start = System.nanoTime();
        for (int made = 0; made < request.scope().states(); made++) {
            Optional<Map<String, Object>> state = states.next();
            if (state.isEmpty() || System.nanoTime() - start > LONGEST.toNanos()) {
                break;
            }
            tally.considered++;
            Map<String, Object> earlier = earlier(tenant, task, functions, request.pinned(), state.get(), made);
            output(tenant, request, state.get(), earlier, tally)
                    .filter(output -> examples.size() < MOST_EXAMPLES)
                    .ifPresent(output -> examples.add(new Preview.Example(
                            state.get(),
                            earlier,
                            output,
                            sameAs(tenant, functions, request.pinned(), state.get(), earlier, output))));
        }
        return new Preview.Generated(seed, tally.considered, tally.applies, tally.failed, examples);
    }

    /** What functions of the earlier stages give, taken in turn; a stage whose function fails is left out. */
    private Map<String, Object> earlier(
            String tenant,
            TaskDefinition task,
            List<FunctionDefinition> functions,
            FunctionDefinition pinned,
            Map<String, Object> state,
            int turn) {
        Map<String, Object> earlier = task.earlier(List.of());
        for (StageDefinition stage : task.stages()) {
            if (stage.name().equals(pinned.stage())) {
                break;
            }
            List<FunctionDefinition> of = functions.stream()
                    .filter(function -> function.stage().equals(stage.name()))
                    .toList();
            if (applicability.run(tenant, of.get(turn % of.size()), state, earlier)
                    instanceof Outcome.Gave(Object output, var took)) {
                earlier.put(stage.name(), output);
            }
        }
        return earlier;
    }

    private List<String> sameAs(
            String tenant,
            List<FunctionDefinition> functions,
            FunctionDefinition pinned,
            Map<String, Object> state,
            Map<String, Object> earlier,
            Object output) {
        String expected = CanonicalJson.of(output);
        return functions.stream()
                .filter(function -> function.stage().equals(pinned.stage()))
                .filter(function -> applicability.run(tenant, function, state, earlier)
                                instanceof Outcome.Gave(Object given, var took)
                        && CanonicalJson.of(given).equals(expected))
                .map(FunctionDefinition::name)
                .toList();
    }

    private Optional<Object> output(
            String tenant,
            EmergencyRequest request,
            Map<String, Object> state,
            Map<String, Object> earlier,
            Tally tally) {
        switch (applicability.applies(tenant, request, state, earlier)) {
            case Outcome.Failed failed -> {
                tally.failed++;
                return Optional.empty();
            }
            case Outcome.Gave(Object answer, var took) -> {
                if (!Boolean.TRUE.equals(answer)) {
                    return Optional.empty();
                }
            }
        }
        tally.applies++;
        return switch (applicability.run(tenant, request.pinned(), state, earlier)) {
            case Outcome.Gave gave -> Optional.of(gave.value());
            case Outcome.Failed failed -> {
                tally.failed++;
                yield Optional.empty();
            }
        };
    }

    private static final class Tally {
        int considered;
        int applies;
        int failed;
    }
}
