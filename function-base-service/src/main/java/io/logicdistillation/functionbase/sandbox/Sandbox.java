package io.logicdistillation.functionbase.sandbox;

import io.logicdistillation.contracts.FunctionDefinition;
import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.contracts.ProblemType;
import io.logicdistillation.contracts.StageDefinition;
import io.logicdistillation.contracts.View;
import io.logicdistillation.functionbase.json.CanonicalJson;
import io.logicdistillation.kit.WireJson;
import io.logicdistillation.runtime.FunctionCall;
import io.logicdistillation.runtime.FunctionResult;
import io.logicdistillation.runtime.FunctionRuntime;
import io.logicdistillation.runtime.Limits;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.springframework.stereotype.Component;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/** Runs functions and views of tasks on the {@link FunctionRuntime}. Thread-safe. */
@Component
public final class Sandbox {
    /** Ten times what a decision allows: a search that renders the state itself is not on the decision's path. */
    private static final List<Limits> FOR_RENDERING = List.of(limits(Duration.ofSeconds(1)));

    /**
     * Nobody waits for a verification, so a machine that is busy or has just started need not refuse a function that is fast enough.
     */
    private static final List<Limits> FOR_VERIFICATION =
            List.of(limits(Duration.ofSeconds(1)), limits(Duration.ofSeconds(10)));

    private final FunctionRuntime runtime;
    private final JsonMapper json = WireJson.lenient();

    Sandbox(FunctionRuntime runtime) {
        this.runtime = runtime;
    }

    /** Runs a function as verification does, with patience. */
    public Outcome run(
            String tenant, FunctionDefinition function, Map<String, Object> state, Map<String, Object> earlier) {
        FunctionCall call = FunctionCall.run(tenant, function.language(), function.source(), arguments(state, earlier));
        return outcome(runtime.call(call, FOR_VERIFICATION));
    }

    /**
     * A name under which {@link #run} uses a sandbox made for the purpose, with the source loaded anew: no sandbox ever goes from one
     * name to another.
     */
    public static String elsewhere(String tenant) {
        return tenant + "/" + UUID.randomUUID();
    }

    /**
     * Renders a state into the words that the stage's student reads: by the stage's view, else as compact JSON.
     *
     * @throws PlatformException {@link ProblemType#FUNCTION_FAILED} if the view fails
     */
    public String render(String tenant, StageDefinition stage, Map<String, Object> state, Map<String, Object> earlier) {
        return switch (view(tenant, stage, state, earlier, FOR_RENDERING)) {
            case Outcome.Gave gave -> gave.value().toString();
            case Outcome.Failed failed ->
                throw new PlatformException(
                        ProblemType.FUNCTION_FAILED,
                        "The view of stage '" + stage.name() + "' failed: " + failed.message(),
                        Map.of("stage", stage.name(), "cause", failed.cause()));
        };
    }

    /** Renders a state as verification does, with patience: what a view gives that is no text of a fit length has failed. */
    public Outcome tryView(
            String tenant, StageDefinition stage, Map<String, Object> state, Map<String, Object> earlier) {
        return view(tenant, stage, state, earlier, FOR_VERIFICATION);
    }

    /**
     * Asks the {@code applies(state, earlier)} that a source defines, in JavaScript or Python, whether a function is for a state.
     * The source may hold the function itself too; what is called stands in a function of another name.
     */
    public Outcome applies(
            String tenant, String language, String source, Map<String, Object> state, Map<String, Object> earlier) {
        String asked = language.equals("python")
                ? "\ndef view(state, earlier):\n    return applies(state, earlier)\n"
                : "\nfunction view(state, earlier) { return applies(state, earlier); }\n";
        FunctionCall call = FunctionCall.view(tenant, language, source + asked, arguments(state, earlier));
        Outcome outcome = outcome(runtime.call(call, FOR_VERIFICATION));
        return outcome instanceof Outcome.Gave gave && !(gave.value() instanceof Boolean)
                ? new Outcome.Failed("wrong-output", "applies must return true or false")
                : outcome;
    }

    private Outcome view(
            String tenant,
            StageDefinition stage,
            Map<String, Object> state,
            Map<String, Object> earlier,
            List<Limits> tries) {
        View view = stage.view();
        if (view == null) {
            return new Outcome.Gave(json.writeValueAsString(state), Duration.ZERO);
        }
        FunctionCall call = FunctionCall.view(tenant, view.language(), view.source(), arguments(state, earlier));
        Outcome outcome = outcome(runtime.call(call, tries));
        if (outcome instanceof Outcome.Gave gave && !isReadable(gave.value())) {
            return new Outcome.Failed(
                    "wrong-output", "it must return a text of 1 to " + View.LONGEST_TEXT + " characters, not blank");
        }
        return outcome;
    }

    private static Limits limits(Duration wallClock) {
        return Limits.standard().withWallClock(wallClock);
    }

    private static boolean isReadable(Object value) {
        return value instanceof String text && !text.isBlank() && text.length() <= View.LONGEST_TEXT;
    }

    private String arguments(Map<String, Object> state, Map<String, Object> earlier) {
        return json.writeValueAsString(List.of(state, earlier));
    }

    private Outcome outcome(FunctionResult result) {
        return switch (result) {
            case FunctionResult.Returned returned -> value(returned);
            case FunctionResult.Failed failed
            when failed.kind() == FunctionResult.Failure.OVERLOADED -> throw overloaded();
            case FunctionResult.Failed failed ->
                new Outcome.Failed(failed.kind().slug(), failed.message());
        };
    }

    static PlatformException overloaded() {
        return new PlatformException(ProblemType.UNAVAILABLE, "The sandbox has no worker free right now; try again");
    }

    private Outcome value(FunctionResult.Returned returned) {
        try {
            Object value = json.readValue(returned.json(), Object.class);
            CanonicalJson.of(Objects.requireNonNullElse(value, Map.of()));
            return value == null
                    ? new Outcome.Failed("invalid-output", "it returned null")
                    : new Outcome.Gave(value, returned.took());
        } catch (JacksonException | PlatformException failure) {
            return new Outcome.Failed("invalid-output", "it returned something that can not be stored as JSON");
        }
    }
}
