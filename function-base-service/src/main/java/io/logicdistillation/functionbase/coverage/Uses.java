package io.logicdistillation.functionbase.coverage;

import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.contracts.ProblemType;
import io.logicdistillation.kit.Caller;
import io.logicdistillation.kit.Scope;
import io.logicdistillation.kit.ServiceCalls;
import java.net.URI;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.stereotype.Component;

/** How often functions could be chosen and were, as the inference service counts it in its log. Thread-safe. */
@Component
class Uses {
    private static final Logger log = LoggerFactory.getLogger(Uses.class);

    private final ServiceCalls calls;
    private final URI inference;

    Uses(ServiceCalls calls, @Value("${platform.inference-url}") URI inference) {
        this.calls = calls;
        this.inference = inference;
    }

    /** @param unavailable why there are no counts */
    record Counted(
            @Nullable Instant from,
            @Nullable Instant to,
            List<Count> functions,
            @Nullable String unavailable) {}

    record Count(String stage, String function, String version, long candidate, long chosen) {}

    /** @throws PlatformException {@link ProblemType#INVALID_REQUEST} for a time that ends before it begins */
    Counted of(String tenant, String task, String snapshot, @Nullable Instant from, @Nullable Instant to) {
        try {
            Counted counted = calls.as(inference, new Caller(tenant, "function-base-service", Set.of(Scope.VIEW)))
                    .get()
                    .uri(address -> {
                        address.path("/v1/tasks/{task}/function-coverage").queryParam("snapshot", "{snapshot}");
                        if (from != null) {
                            address.queryParam("from", from);
                        }
                        if (to != null) {
                            address.queryParam("to", to);
                        }
                        return address.build(task, snapshot);
                    })
                    .retrieve()
                    .body(Counted.class);
            return counted == null ? none() : counted;
        } catch (PlatformException failure) {
            if (failure.type() == ProblemType.INVALID_REQUEST) {
                throw failure;
            }
            return unreadable(failure);
        } catch (RuntimeException failure) {
            return unreadable(failure);
        }
    }

    private static Counted unreadable(RuntimeException failure) {
        log.warn("The log could not be read for a coverage: {}", failure.toString());
        return none();
    }

    private static Counted none() {
        return new Counted(null, null, List.of(), "The inference service's log could not be read");
    }
}
