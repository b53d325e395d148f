package io.logicdistillation.inference.decisionlog;

import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Keeps what a task's redactions name from leaving the platform while a decision is being made. Thread-safe. */
public final class Discretion {
    private static final JsonMapper JSON = JsonMapper.shared();

    private final LogSettingsStore settings;

    Discretion(LogSettingsStore settings) {
        this.settings = settings;
    }

    /**
     * The view of the stage that is being decided, as somebody else may read it: without the texts that were taken out of the
     * state and of the earlier outputs.
     *
     * @param state of the decision, as compact JSON
     * @param earlier outputs of the stages before, in their order
     * @param view the state in words, or the state itself where a stage has no words for it
     * @return empty if the view as a whole is not for others, or if it may repeat a number or a short text that was taken out
     */
    public Optional<String> view(String tenant, String task, String state, List<JsonNode> earlier, String view) {
        List<String> redactions = settings.get(tenant, task).redactions();
        if (redactions.isEmpty()) {
            return Optional.of(view);
        }
        ObjectNode decision = JSON.createObjectNode();
        decision.set("state", JSON.readTree(state));
        ArrayNode stages = decision.putArray("stages");
        earlier.forEach(output -> stages.addObject().set("output", output.deepCopy()));
        ObjectNode stage = stages.addObject().put("view", view);
        boolean mayEchoUnseen = Redactions.mayEchoUnseen(redactions, decision);
        Redactions.apply(redactions, decision);
        String shown = stage.path("view").stringValue();
        if (shown.equals(Redactions.REMOVED)) {
            return Optional.empty();
        }
        if (view.equals(state)) {
            return Optional.of(JSON.writeValueAsString(decision.get("state")));
        }
        return mayEchoUnseen ? Optional.empty() : Optional.of(shown);
    }
}
