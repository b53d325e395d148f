package io.logicdistillation.gateway.keys;

import io.logicdistillation.contracts.Page;
import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.contracts.ProblemType;
import io.logicdistillation.gateway.callers.CallerAuthentication;
import io.logicdistillation.kit.Paging;
import java.net.URI;
import java.time.Duration;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.http.CacheControl;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

@RestController
@WithDatabase
class KeyEndpoints {
    private static final Duration USUAL_OVERLAP = Duration.ofHours(1);
    private static final Duration LONGEST_OVERLAP = Duration.ofDays(30);

    private final KeyStore store;
    private final StoredKeys known;

    KeyEndpoints(KeyStore store, StoredKeys known) {
        this.store = store;
        this.known = known;
    }

    @GetMapping("/v1/keys")
    Page<KeyView> list(
            @RequestParam(required = false) @Nullable String cursor,
            @RequestParam(required = false) @Nullable Integer limit) {
        return store.page(CallerAuthentication.requiredCaller(), Paging.of(cursor, limit));
    }

    @PostMapping("/v1/keys")
    ResponseEntity<IssuedKey> create(@RequestBody NewKey order) {
        IssuedKey made = store.create(CallerAuthentication.requiredCaller(), order);
        known.refresh();
        return ResponseEntity.created(URI.create("/v1/keys/" + made.key().id()))
                .cacheControl(CacheControl.noStore())
                .body(made);
    }

    @GetMapping("/v1/keys/{id}")
    KeyView get(@PathVariable String id) {
        return store.get(CallerAuthentication.requiredCaller(), parsed(id));
    }

    @PostMapping("/v1/keys/{id}/rotations")
    ResponseEntity<IssuedKey> rotate(@PathVariable String id, @RequestBody(required = false) @Nullable Rotation order) {
        Rotation rotation = order == null ? new Rotation(null, null) : order;
        IssuedKey made =
                store.rotate(CallerAuthentication.requiredCaller(), parsed(id), rotation.overlap(), rotation.reason());
        known.refresh();
        return ResponseEntity.ok().cacheControl(CacheControl.noStore()).body(made);
    }

    @DeleteMapping("/v1/keys/{id}")
    KeyView revoke(@PathVariable String id, @RequestParam(required = false) @Nullable String reason) {
        KeyView revoked = store.revoke(CallerAuthentication.requiredCaller(), parsed(id), reason);
        known.refresh();
        return revoked;
    }

    /** @param overlapSeconds for which the secret before goes on to open; an hour where it is not said */
    record Rotation(@Nullable Long overlapSeconds, @Nullable String reason) {
        Rotation {
            AuditTrail.checked(reason);
            if (overlapSeconds != null && (overlapSeconds < 0 || overlapSeconds > LONGEST_OVERLAP.toSeconds())) {
                throw new PlatformException(
                        ProblemType.INVALID_REQUEST,
                        "overlapSeconds must lie between 0 and " + LONGEST_OVERLAP.toSeconds());
            }
        }

        Duration overlap() {
            return overlapSeconds == null ? USUAL_OVERLAP : Duration.ofSeconds(overlapSeconds);
        }
    }

    private static UUID parsed(String id) {
        try {
            UUID parsed = UUID.fromString(id);
            if (parsed.toString().equals(id)) {
                return parsed;
            }
        } catch (IllegalArgumentException notAnId) {
            // falls through to the problem below
        }
        throw new PlatformException(ProblemType.UNKNOWN_KEY, "There is no such key");
    }
}
