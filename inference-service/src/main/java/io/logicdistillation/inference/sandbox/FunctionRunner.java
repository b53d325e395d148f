package io.logicdistillation.inference.sandbox;

import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.contracts.ProblemType;
import io.logicdistillation.contracts.PublishedFunction;
import io.logicdistillation.contracts.StageDefinition;
import io.logicdistillation.contracts.View;
import io.logicdistillation.inference.schemas.JsonSchema;
import io.logicdistillation.runtime.FunctionCall;
import io.logicdistillation.runtime.FunctionResult;
import io.logicdistillation.runtime.FunctionRuntime;
import io.logicdistillation.runtime.Limits;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/** Runs what a snapshot brings, in bounds, and checks what comes out. Thread-safe. */
public final class FunctionRunner {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final int LONGEST_CAUSE = 300;

    private final FunctionRuntime runtime;
    private final List<Limits> tries;

    /** @param tries the limits of a call, and of those that follow where it runs out of time */
    public FunctionRunner(FunctionRuntime runtime, List<Limits> tries) {
        this.runtime = runtime;
        this.tries = List.copyOf(tries);
    }

    /**
     * The state in the words that the student reads; without a view, the state's compact JSON.
     *
     * @throws PlatformException {@link ProblemType#FUNCTION_FAILED} if the stage's view fails
     */
    public String view(String tenant, StageDefinition stage, Arguments arguments) {
        View view = stage.view();
        if (view == null) {
            return arguments.state();
        }
        FunctionResult result =
                runtime.call(FunctionCall.view(tenant, view.language(), view.source(), arguments.json()), tries);
        return switch (result) {
            case FunctionResult.Returned returned -> text(stage, JSON.readValue(returned.json(), Object.class));
            case FunctionResult.Failed failed -> throw viewFailed(stage, cause(failed));
        };
    }

    private static String text(StageDefinition stage, @Nullable Object rendered) {
        if (!(rendered instanceof String text) || text.isBlank()) {
            throw viewFailed(stage, "It did not return a text");
        }
        if (text.length() > View.LONGEST_TEXT) {
            throw viewFailed(stage, "Its text is longer than " + View.LONGEST_TEXT + " characters");
        }
        return text;
    }

    private static PlatformException viewFailed(StageDefinition stage, String cause) {
        return new PlatformException(
                ProblemType.FUNCTION_FAILED,
                "The view of stage '" + stage.name() + "' failed: " + cause,
                Map.of("stage", stage.name(), "function", "view", "cause", cause));
    }

    /**
     * Runs a function and checks its output.
     *
     * @param schemas all of which the output must satisfy
     * @throws PlatformException {@link ProblemType#UNAVAILABLE} if the sandbox is too busy to start it
     */
    public Outcome run(String tenant, PublishedFunction function, Arguments arguments, List<JsonSchema> schemas) {
        FunctionResult result =
                runtime.call(FunctionCall.run(tenant, function.language(), function.source(), arguments.json()), tries);
        return switch (result) {
            case FunctionResult.Returned returned -> checked(returned.json(), schemas);
            case FunctionResult.Failed failed -> new Outcome.Failed(cause(failed));
        };
    }

    private static Outcome checked(String json, List<JsonSchema> schemas) {
        Object output = JSON.readValue(json, Object.class);
        if (output == null) {
            return new Outcome.Failed("It returned null");
        }
        for (JsonSchema schema : schemas) {
            List<JsonSchema.Violation> violations = schema.check(output);
            if (!violations.isEmpty()) {
                JsonSchema.Violation first = violations.getFirst();
                return new Outcome.Failed(shortened(
                        "Its output does not match the schema at '" + first.pointer() + "': " + first.message()));
            }
        }
        return new Outcome.Produced(output);
    }

    private static String cause(FunctionResult.Failed failed) {
        if (failed.kind() == FunctionResult.Failure.OVERLOADED) {
            throw new PlatformException(ProblemType.UNAVAILABLE, "The sandbox is too busy; try again");
        }
        return shortened(failed.message());
    }

    private static String shortened(String text) {
        return text.length() <= LONGEST_CAUSE ? text : text.substring(0, LONGEST_CAUSE) + "…";
    }
}
