package io.logicdistillation.functionbase.task;

import io.logicdistillation.contracts.Page;
import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.contracts.ProblemType;
import io.logicdistillation.contracts.TaskDefinition;
import io.logicdistillation.functionbase.json.CanonicalJson;
import io.logicdistillation.kit.Caller;
import io.logicdistillation.kit.Paging;
import java.net.URI;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

@RestController
@RequestMapping("/v1/tasks")
class TaskEndpoints {
    private final TaskStore tasks;

    TaskEndpoints(TaskStore tasks) {
        this.tasks = tasks;
    }

    @GetMapping
    Page<TaskDefinition> list(
            @RequestParam(required = false) @Nullable String cursor,
            @RequestParam(required = false) @Nullable Integer limit) {
        Paging paging = Paging.of(cursor, limit);
        return paging.page(tasks.page(Caller.current().tenant(), paging), TaskDefinition::name);
    }

    /** Creates a task; sending the same one again does nothing. */
    @PostMapping
    ResponseEntity<TaskDefinition> create(@RequestBody TaskDefinition task) {
        DefinitionCheck.require(task);
        Caller caller = Caller.current();
        if (tasks.insert(caller, task)) {
            return created(task);
        }
        if (tasks.get(caller.tenant(), task.name()).hash().equals(CanonicalJson.hash(task))) {
            return ResponseEntity.ok(task);
        }
        throw new PlatformException(
                ProblemType.CONFLICT, "There is another task '" + task.name() + "'; PUT replaces a task");
    }

    @GetMapping("/{task}")
    TaskDefinition get(@PathVariable String task) {
        return tasks.get(Caller.current().tenant(), task).definition();
    }

    @PutMapping("/{task}")
    ResponseEntity<TaskDefinition> put(@PathVariable String task, @RequestBody TaskDefinition definition) {
        if (!definition.name().equals(task)) {
            throw new PlatformException(
                    ProblemType.INVALID_REQUEST, "name must be the one in the address, '" + task + "'");
        }
        DefinitionCheck.require(definition);
        Caller caller = Caller.current();
        if (tasks.insert(caller, definition)) {
            return created(definition);
        }
        tasks.replace(caller, definition);
        return ResponseEntity.ok(definition);
    }

    @DeleteMapping("/{task}")
    ResponseEntity<Void> delete(@PathVariable String task) {
        if (!tasks.delete(Caller.current(), task)) {
            throw new PlatformException(ProblemType.UNKNOWN_TASK, "There is no task '" + task + "'");
        }
        return ResponseEntity.noContent().build();
    }

    private static ResponseEntity<TaskDefinition> created(TaskDefinition task) {
        return ResponseEntity.created(URI.create("/v1/tasks/" + task.name())).body(task);
    }
}
