package io.logicdistillation.functionbase.emergency;

import io.logicdistillation.contracts.FunctionDefinition;
import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.contracts.ProblemType;
import io.logicdistillation.contracts.StageDefinition;
import io.logicdistillation.contracts.TaskDefinition;
import io.logicdistillation.functionbase.generation.EmergencyDesk;
import io.logicdistillation.functionbase.generation.Generation;
import io.logicdistillation.functionbase.generation.Generations;
import io.logicdistillation.kit.Caller;
import io.logicdistillation.kit.WireJson;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.springframework.stereotype.Component;
import tools.jackson.databind.json.JsonMapper;

/** Emergencies whose function the L-LLM writes: started here, and taken back from there once it is written. Thread-safe. */
@Component
class WrittenAnswers implements EmergencyDesk {
    /** Functions of a stage that the L-LLM is told of. */
    private static final int KNOWN_OF_A_STAGE = 200;

    private final Emergencies emergencies;
    private final Previews previews;
    private final Generations generations;
    private final JsonMapper json = WireJson.lenient();

    WrittenAnswers(Emergencies emergencies, Previews previews, Generations generations) {
        this.emergencies = emergencies;
        this.previews = previews;
        this.generations = generations;
    }

    /** What is kept until the function is written. @param preview whether nothing shall be pinned */
    record Wanted(EmergencyRequest request, boolean preview) {}

    /**
     * Has the function written; the generation's result says what came of it.
     *
     * @throws PlatformException {@link ProblemType#INVALID_REQUEST} without a stage where the task has several,
     *     {@link ProblemType#INVALID_STATE} for an example that is none, and as for every generation
     */
    Generation start(Caller caller, String task, EmergencyRequest request, boolean preview) {
        TaskDefinition definition = emergencies.active(caller, task).snapshot().definition();
        String stage = stage(definition, request);
        emergencies.requireStates(definition, request);
        return generations.answer(
                caller, task, stage, request.language(), json.writeValueAsString(new Wanted(request, preview)));
    }

    private static String stage(TaskDefinition task, EmergencyRequest request) {
        String wanted = request.stage();
        if (wanted != null) {
            return task.stage(wanted).name();
        }
        List<StageDefinition> stages = task.stages();
        if (stages.size() > 1) {
            throw EmergencyRequest.invalid("stage is missing: the function has to be written for one of the task's");
        }
        return stages.getFirst().name();
    }

    @Override
    public Situation situation(Caller author, String task, String emergency) {
        EmergencyRequest request = wanted(emergency).request();
        Emergencies.Active active = emergencies.active(author, task);
        TaskDefinition definition = active.snapshot().definition();
        List<FunctionDefinition> functions = definition.stages().stream()
                .flatMap(stage -> active.definitions().stream()
                        .filter(function -> function.stage().equals(stage.name()))
                        .limit(KNOWN_OF_A_STAGE))
                .toList();
        Map<String, Object> told = new LinkedHashMap<>();
        told.put("situation", String.valueOf(request.situation()));
        told.put("examples", request.shown());
        return new Situation(definition, functions, told);
    }

    @Override
    public void require(Caller author, String task, String emergency, FunctionDefinition function) {
        emergencies.verify(
                author,
                emergencies.active(author, task),
                wanted(emergency).request().answeredBy(function));
    }

    @Override
    public String settle(Caller author, String task, String emergency, FunctionDefinition function) {
        Wanted wanted = wanted(emergency);
        EmergencyRequest request = wanted.request().answeredBy(function);
        if (!wanted.preview()) {
            return json.writeValueAsString(Map.of("emergency", emergencies.pinOnce(author, task, request)));
        }
        Emergencies.Active active = emergencies.active(author, task);
        Preview preview = previews.of(author.tenant(), active.snapshot().definition(), active.definitions(), request);
        return json.writeValueAsString(Map.of("function", request.pinned(), "preview", preview));
    }

    private Wanted wanted(String emergency) {
        return json.readValue(emergency, Wanted.class);
    }
}
