package io.logicdistillation.functionbase.emergency;

import io.logicdistillation.contracts.Decision;
import io.logicdistillation.contracts.Page;
import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.contracts.ProblemType;
import io.logicdistillation.kit.Caller;
import io.logicdistillation.kit.Scope;
import io.logicdistillation.kit.ServiceCalls;
import java.net.URI;
import java.util.List;
import java.util.Set;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.core.ParameterizedTypeReference;
import org.springframework.stereotype.Component;

/** The inference service's log, read on a tenant's behalf with a token of this service's own. Thread-safe. */
@Component
class DecisionHistory {
    private static final ParameterizedTypeReference<Page<Decision>> PAGE = new ParameterizedTypeReference<>() {};

    private final ServiceCalls calls;
    private final URI inference;

    DecisionHistory(ServiceCalls calls, @Value("${platform.inference-url}") URI inference) {
        this.calls = calls;
        this.inference = inference;
    }

    /**
     * The task's last decisions, the newest first.
     *
     * @throws RuntimeException if the inference service does not answer
     */
    List<Decision> last(String tenant, String task, int count) {
        if (count == 0) {
            return List.of();
        }
        Page<Decision> page = calls.as(inference, new Caller(tenant, "function-base-service", Set.of(Scope.VIEW)))
                .get()
                .uri("/v1/tasks/{task}/decisions?limit={limit}", task, count)
                .retrieve()
                .body(PAGE);
        if (page == null) {
            throw new PlatformException(ProblemType.UNAVAILABLE, "The log answered with nothing");
        }
        return page.items();
    }
}
