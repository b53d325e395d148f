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
    private Example() {}

    public static void main(String[] arguments) throws Exception {
        ApiClient platform = Platform.connect(URI.create(setting("PLATFORM_URL")), setting("PLATFORM_KEY"));
        TasksApi tasks = new TasksApi(platform);
        System.out.println("tasks: "
                + tasks.listTasks(TasksApi.APIListTasksRequest.newBuilder().build()).getItems().stream()
                        .map(Task::getName)
                        .collect(Collectors.joining(", ")));
        Task task = tasks.getTask(
                TasksApi.APIGetTaskRequest.newBuilder().task("pursuit").build());
        Object state = ((List<?>) ((Map<?, ?>) task.getStateSchema()).get("examples")).get(0);

        DecisionsApi decisions = new DecisionsApi(platform);
        Decision decision = decisions.decide(DecisionsApi.APIDecideRequest.newBuilder()
                .task(task.getName())
                .decisionRequest(new DecisionRequest().state(state))
                .build());
        decision.getStages()
                .forEach(stage -> System.out.println(
                        stage.getStage() + ": " + stage.getChosen() + ", decided by " + stage.getDecidedBy()));
        Decision logged = decisions.getDecision(DecisionsApi.APIGetDecisionRequest.newBuilder()
                .id(decision.getId())
                .build());
        System.out.println("decision " + logged.getId() + ": "
                + JSON.getDefault().getMapper().writeValueAsString(logged.getOutput()));
        askForWhatThereIsNot(tasks);
    }

    private static String setting(String name) {
        return Objects.requireNonNull(System.getenv(name), "Set " + name);
    }

    /** Every failure is a problem detail (RFC 9457); {@code type} is stable. */
    private static void askForWhatThereIsNot(TasksApi tasks) throws Exception {
        try {
            tasks.getTask(
                    TasksApi.APIGetTaskRequest.newBuilder().task("no-such-task").build());
        } catch (ApiException refusal) {
            Problem problem = JSON.getDefault().getMapper().readValue(refusal.getResponseBody(), Problem.class);
            System.out.println("refused: " + refusal.getCode() + " " + problem.getType());
        }
    }
}
