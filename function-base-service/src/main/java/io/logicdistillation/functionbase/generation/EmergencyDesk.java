package io.logicdistillation.functionbase.generation;

import io.logicdistillation.contracts.FunctionDefinition;
import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.contracts.TaskDefinition;
import io.logicdistillation.kit.Caller;
import java.util.List;
import java.util.Map;

/**
 * Where a function goes that an L-LLM wrote for an emergency: not to the drafts, but to the front of the candidates. An emergency
 * comes and goes here as JSON of the implementation's own. Thread-safe.
 */
public interface EmergencyDesk {
    /**
     * What the function is written for.
     *
     * @param task by which it is verified: the active snapshot's
     * @param functions beside which it will stand
     * @param told to the L-LLM: the situation in words, and examples of its states
     */
    record Situation(TaskDefinition task, List<FunctionDefinition> functions, Map<String, Object> told) {}

    /** @throws PlatformException if the task, its active snapshot or the stage is gone */
    Situation situation(Caller author, String task, String emergency);

    /** @throws PlatformException why the function can not answer the emergency */
    void require(Caller author, String task, String emergency, FunctionDefinition function);

    /**
     * Pins the function, or shows what that would change; after a crash it may be asked again.
     *
     * @return what came of it, as JSON
     */
    String settle(Caller author, String task, String emergency, FunctionDefinition function);
}
