package io.logicdistillation.functionbase.emergency;

import io.logicdistillation.contracts.FunctionDefinition;
import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.contracts.ProblemType;
import io.logicdistillation.contracts.TaskDefinition;
import io.logicdistillation.functionbase.json.Schema;
import io.logicdistillation.functionbase.sandbox.Outcome;
import io.logicdistillation.functionbase.sandbox.Sandbox;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.springframework.stereotype.Component;

/** Asks an emergency's function whether it is for a state, and what it gives. Thread-safe. */
@Component
class Applicability {
    private static final Pattern OWN_CONDITION = Pattern.compile("(?m)\\b(function|def)\\s+applies\\s*\\(");

    private final Sandbox sandbox;

    Applicability(Sandbox sandbox) {
        this.sandbox = sandbox;
    }

    /** Whether the function is for the state: true, false, or a failure. */
    Outcome applies(String tenant, EmergencyRequest request, Map<String, Object> state, Map<String, Object> earlier) {
        FunctionDefinition function = request.pinned();
        String source = request.applies();
        if (source == null) {
            if (!declaresCondition(function)) {
                return new Outcome.Gave(true, java.time.Duration.ZERO);
            }
            source = function.source();
        }
        return sandbox.applies(tenant, function.language(), source, state, earlier);
    }

    /** Whether a function's own source says for which states it is, in the way that is looked for here. */
    static boolean declaresCondition(FunctionDefinition function) {
        return OWN_CONDITION.matcher(function.source()).find();
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
            Outcome applies = applies(tenant, request, example.given(), example.before());
            if (!(applies instanceof Outcome.Gave(Object answer, var took)) || !Boolean.TRUE.equals(answer)) {
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
