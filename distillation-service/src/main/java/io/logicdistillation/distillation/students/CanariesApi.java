package io.logicdistillation.distillation.students;

import io.logicdistillation.kit.Caller;
import java.util.UUID;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;

/** Where those who serve report how a canary does. For services: the gateway does not lead here. */
@RestController
class CanariesApi {
    private final Canaries canaries;

    CanariesApi(Canaries canaries) {
        this.canaries = canaries;
    }

    /** @param running whether it is worth going on to count */
    record State(boolean running) {}

    @PutMapping("/v1/canaries/{id}/figures")
    State report(@PathVariable UUID id, @RequestBody CanaryFigures figures) {
        return new State(canaries.report(Caller.current().tenant(), id, figures));
    }
}
