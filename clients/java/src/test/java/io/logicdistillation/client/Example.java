package io.logicdistillation.client;

import io.logicdistillation.client.api.DecisionsApi;
import io.logicdistillation.client.api.TasksApi;
import io.logicdistillation.client.model.Decision;
import io.logicdistillation.client.model.DecisionRequest;
import io.logicdistillation.client.model.Problem;
import io.logicdistillation.client.model.Task;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;

/**
 * Lists the tasks, has a decision made, and reads it back from the log. Reads {@code PLATFORM_URL} and {@code PLATFORM_KEY}.
 */
public final class Example {
    private final TasksApi tasks;
    private final DecisionsApi decisions;

    private Example(ApiClient platform) {
        this.tasks = new TasksApi(platform);
        this.decisions = new DecisionsApi(platform);
    }

    public static void main(String[] arguments) throws Exception {
        Example example = new Example(Platform.connect(URI.create(setting("PLATFORM_URL")), setting("PLATFORM_KEY")));
        System.out.println("tasks: " + example.names());
        Decision decision = example.decide("pursuit");
        decision.getStages()
                .forEach(stage -> System.out.println(
                        stage.getStage() + ": " + stage.getChosen() + ", decided by " + stage.getDecidedBy()));
        Decision logged = example.readBack(decision);
        System.out.println("decision " + logged.getId() + ": "
                + JSON.getDefault().getMapper().writeValueAsString(logged.getOutput()));
        example.askForWhatThereIsNot();
    }

    private static String setting(String name) {
        return Objects.requireNonNull(System.getenv(name), "Set " + name);
    }

    private String names() throws ApiException {
        return tasks.listTasks(TasksApi.APIListTasksRequest.newBuilder().build()).getItems().stream()
                .map(Task::getName)
                .collect(Collectors.joining(", "));
    }

    private Decision decide(String name) throws ApiException {
        Task task =
                tasks.getTask(TasksApi.APIGetTaskRequest.newBuilder().task(name).build());
        Object state = ((List<?>) ((Map<?, ?>) task.getStateSchema()).get("examples")).get(0);
        return decisions.decide(DecisionsApi.APIDecideRequest.newBuilder()
                .task(task.getName())
                .decisionRequest(new DecisionRequest().state(state))
                .build());
    }

    private Decision readBack(Decision decision) throws ApiException {
        return decisions.getDecision(DecisionsApi.APIGetDecisionRequest.newBuilder()
                .id(decision.getId())
                .build());
    }

    /** Every failure is a problem detail (RFC 9457); {@code type} is stable. */
    private void askForWhatThereIsNot() throws Exception {
        try {
            tasks.getTask(
                    TasksApi.APIGetTaskRequest.newBuilder().task("no-such-task").build());
        } catch (ApiException refusal) {
            Problem problem = JSON.getDefault().getMapper().readValue(refusal.getResponseBody(), Problem.class);
            System.out.println("refused: " + refusal.getCode() + " " + problem.getType());
        }
    }
}
