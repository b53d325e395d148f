package io.logicdistillation.inference.escalations;

import io.logicdistillation.contracts.Names;
import io.logicdistillation.contracts.Page;
import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.contracts.ProblemType;
import io.logicdistillation.inference.upstream.TaskKey;
import io.logicdistillation.kit.Caller;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** What functions a task lacks. */
@RestController
class WishController {
    private static final int LARGEST_PAGE = 200;

    private final Wishes wishes;

    WishController(Wishes wishes) {
        this.wishes = wishes;
    }

    @GetMapping("/v1/tasks/{task}/generation-wishes")
    Page<Wish> list(
            @PathVariable String task,
            @RequestParam(required = false) @Nullable String cursor,
            @RequestParam(defaultValue = "50") int limit) {
        if (limit < 1 || limit > LARGEST_PAGE) {
            throw new PlatformException(ProblemType.INVALID_REQUEST, "limit must lie between 1 and " + LARGEST_PAGE);
        }
        return wishes.list(key(task), cursor == null ? null : id(cursor), limit);
    }

    @DeleteMapping("/v1/tasks/{task}/generation-wishes/{id}")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void remove(@PathVariable String task, @PathVariable String id) {
        wishes.remove(key(task), id(id));
    }

    private static TaskKey key(String task) {
        Names.requireName("task", task);
        return new TaskKey(Caller.current().tenant(), task);
    }

    private static UUID id(String text) {
        try {
            return UUID.fromString(text);
        } catch (IllegalArgumentException none) {
            throw new PlatformException(ProblemType.INVALID_REQUEST, "This is no id that this service gave out", none);
        }
    }
}
