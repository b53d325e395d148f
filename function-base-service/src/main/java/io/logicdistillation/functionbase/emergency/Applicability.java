package io.logicdistillation.functionbase.emergency;

import io.logicdistillation.contracts.FunctionDefinition;
import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.contracts.ProblemType;
import io.logicdistillation.contracts.TaskDefinition;
import io.logicdistillation.functionbase.json.Schema;
import io.logicdistillation.functionbase.sandbox.Outcome;
import io.logicdistillation.functionbase.sandbox.Sandbox;
import io.logicdistillation.functionbase.sandbox.StaticCheck;
import java.util.List;
import java.util.Map;
import org.springframework.stereotype.Component;

/** Asks an emergency's function whether it is for a state, and what it gives. Thread-safe. */
@Component
class Applicability {
    private final Sandbox sandbox;
    private final StaticCheck texts;

    Applicability(Sandbox sandbox, StaticCheck texts) {
        this.sandbox = sandbox;
        this.texts = texts;
    }

    /** Whether the function is for the state: true, false, or a failure. */
    Outcome applies(String tenant, EmergencyRequest request, Map<String, Object> state, Map<String, Object> earlier) {
        FunctionDefinition function = request.pinned();
        String source = request.applies();
        if (source == null) {
            if (!texts.declaresApplies(function)) {
                return new Outcome.Gave(true, java.time.Duration.ZERO);
            }
            source = function.source();
        }
        return sandbox.applies(tenant, function.language(), source, state, earlier);
    }

    Outcome run(String tenant, FunctionDefinition function, Map<String, Object> state, Map<String, Object> earlier) {
        return sandbox.run(tenant, function, state, earlier);
    }

    /** @throws PlatformException {@link ProblemType#INVALID_STATE} naming the example */
    void requireStates(TaskDefinition task, EmergencyRequest request) {
        Schema states = Schema.of(task.stateSchema());
        List<EmergencyRequest.Example> examples = request.shown();
        for (int index = 0; index < examples.size(); index++) {
            List<Schema.Violation> violations =
                    states.violations(examples.get(index).given());
            if (!violations.isEmpty()) {
                throw new PlatformException(
                        ProblemType.INVALID_STATE,
                        "Example " + index + " is no state of the task: "
                                + violations.getFirst().message(),
                        Map.of("pointer", "/examples/" + index + "/state", "errors", violations));
            }
        }
    }

    /** @throws PlatformException {@link ProblemType#INVALID_STATE} or {@link ProblemType#INVALID_FUNCTION} naming the example */
    void requireExamples(String tenant, TaskDefinition task, EmergencyRequest request) {
        requireStates(task, request);
        List<EmergencyRequest.Example> examples = request.shown();
        for (int index = 0; index < examples.size(); index++) {
            EmergencyRequest.Example example = examples.get(index);
            if (!applies(tenant, request, example.given(), example.before()).saysYes()) {
                throw refused(index, "does-not-apply", "the function does not apply to it");
            }
            if (run(tenant, request.pinned(), example.given(), example.before()) instanceof Outcome.Failed failed) {
                throw refused(index, failed.cause(), failed.message());
            }
        }
    }

    private static PlatformException refused(int example, String cause, String message) {
        return new PlatformException(
                ProblemType.INVALID_FUNCTION,
                "Example " + example + ": " + message,
                Map.of("example", example, "cause", cause));
    }
}
