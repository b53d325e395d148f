package io.logicdistillation.gateway.callers;

import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.contracts.ProblemType;
import io.logicdistillation.kit.Caller;
import io.logicdistillation.kit.Scope;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.CacheControl;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** Tells the holder of a key what the key may do, so that a client need not offer what would be refused. */
@RestController
class CallerApi {
    @GetMapping("/v1/caller")
    ResponseEntity<CallerView> caller() {
        Recognised recognised = CallerAuthentication.current();
        if (recognised == null) {
            throw new PlatformException(ProblemType.UNAUTHENTICATED, "Send an API key");
        }
        Caller caller = recognised.caller();
        List<String> scopes =
                caller.scopes().stream().sorted().map(Scope::wireName).toList();
        return ResponseEntity.ok()
                .cacheControl(CacheControl.noStore())
                .body(new CallerView(caller.name(), caller.tenant(), scopes, recognised.expiresAt()));
    }

    record CallerView(
            String name,
            String tenant,
            List<String> scopes,
            @Nullable Instant expiresAt) {}
}
